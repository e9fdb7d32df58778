"""How a mirror is made: the plan as reviewed, the masks under the key, the proof at its end."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import psycopg

from mirror import key as keys
from mirror import plan, subjects
from mirror.build import Draft, Making, Order, Proof
from mirror.copying import Copied, Masks, Snapshot
from mirror.masked import Masker
from mirror.proof import bundle
from mirror.proof import prove as proving
from mirror.proof.prove import Built


def making_of(order: Order, key_file: Path, reference_day: date, proofs: Path) -> Making:
    """The making of an order. The key is made where there has never been a mirror; ``proofs`` is the folder of bundles.

    Raises ConfigurationFault where a mirror stands and the key that it was made with is lost.
    """
    key = keys.read(key_file) if order.site.standing() else keys.keep(key_file, reference_day)
    planned = plan.read()

    def masks(source: Snapshot) -> Masks:
        return Masker(planned, key, subjects.read(source.connection), order.profile)

    def prove(source: Snapshot, draft: Draft, masker: Masks, copied: Copied) -> Proof:
        assert isinstance(masker, Masker)
        whole = order.streets is None and order.as_of is None
        built = Built(draft.build, order.profile, copied.rows, whole, (draft.home,) if draft.home else None)
        with source.reader() as reader, psycopg.connect(draft.where, autocommit=True) as mirror:
            proof = proving.prove(reader, mirror, masker, planned, built)
        bundle.write(proof.told, bundle.place(proofs, draft.build), key)
        return Proof(proof.faults, proof.is_complete)

    return Making(planned, key.fingerprint, masks, prove)
