"""How a mirror is made: the plan as reviewed, the masks under the key, the proof at its end."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import psycopg

from mirror import build, plan, showing, subjects
from mirror import key as keys
from mirror.build import Draft, Making, Order
from mirror.copying import Copied, Masks, Snapshot
from mirror.masked import Masker
from mirror.proof import bundle
from mirror.proof.prove import Built, Sides, prove


def making_of(order: Order, key_file: Path, reference_day: date, proofs: Path) -> Making:
    """The making of an order. The key is made where there has never been a mirror; ``proofs`` is the folder of bundles.

    Raises ConfigurationFault where a mirror stands and the key that it was made with is lost.
    """
    key = keys.read(key_file) if order.site.standing() else keys.keep(key_file, reference_day)
    planned = plan.read()

    def masks(source: Snapshot) -> Masks:
        shown = showing.read(source.connection) if order.profile == showing.DEMO else None
        return Masker(planned, key, subjects.read(source.connection), order.profile, shown)

    def proven(source: Snapshot, draft: Draft, masker: Masks, copied: Copied) -> build.Proof:
        assert isinstance(masker, Masker)
        built = Built(
            draft.build,
            order.profile,
            copied.rows,
            whole=order.streets is None and order.as_of is None,
            folders=(draft.home.resolve(),) if draft.home else None,
        )
        with source.reader() as reader, _mirror(draft) as mirror, _mirror(draft) as other:
            proof = prove(Sides(source.connection, mirror), Sides(reader, other), masker, planned, built)
        bundle.write(proof.told, bundle.place(proofs, draft.build), key)
        return build.Proof(proof.faults, proof.is_complete)

    return Making(planned, key.fingerprint, masks, proven)


def _mirror(draft: Draft) -> psycopg.Connection[Any]:
    return psycopg.connect(draft.where, autocommit=True)
