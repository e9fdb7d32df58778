"""Which person records are one person: of all records anew, or only of those that a small delta touches.

Beside the stages of the last full run (identity.people.resolve) the folder keeps ``last``: the records and people's
words as they were last matched, and what came of them. Where little has changed since, what is new, changed or gone is
looked up among what stands (identity.people.add); the pairs that it does not touch stay as they are. All are matched
anew where a value that was evidence has become a crowd's, as it then tells nobody apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import blake2b
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from identity.flags import TOO_MANY
from identity.people import add, evidence, resolve
from identity.people.cluster import Clustered
from identity.people.model import Model, load
from identity.people.resolve import ADDED, FINGERPRINT, standing_for, whole

LAST = "last"
SMALL = 0.05
"""A delta is small while no more than this share of the records differs from those of the last full run."""
KEYS = ["left_id", "right_id"]


@dataclass(frozen=True)
class Matched:
    """What matching came to.

    pairs    the pairs that say something: left_id, right_id, weight, parts, status, vetoes, model_version
    capped   the weakest join of each cluster that is as large as one may be: left_id, right_id, weight, model_version
    crowds   field, values: how many values so many people share that they are no evidence
    """

    pairs: pd.DataFrame
    capped: pd.DataFrame
    crowds: pd.DataFrame


def match(records: pa.Table, folder: Path, words: pa.Table, before: pa.Table) -> Matched:
    """What the records (people.clean) come to, by people's ``words`` and the clusters that stood ``before``."""
    model = load()
    said = _hash(words)
    changed, gone = _delta(records, folder / LAST, said)
    new = records.slice(0, 0) if changed is None else records.filter(pc.is_in(records["record_id"], changed))
    if (
        changed is None
        or not standing_for(folder, model)
        or not _small(folder, len(changed) + len(gone), records)
        or _makes_a_crowd(new, records, folder, model)
    ):
        matched = _all(records, folder, words, before, model)
    else:
        matched = _read(folder / LAST)
        if len(changed) or len(gone):
            matched = _added(matched, new, gone, folder, words, model)
    with whole(folder / LAST, said) as part:
        pq.write_table(records, part / "records.parquet", compression="zstd")
        for field in fields(Matched):
            frame = pa.Table.from_pandas(getattr(matched, field.name), preserve_index=False)
            pq.write_table(frame, part / f"{field.name}.parquet", compression="zstd")
    return matched


def _all(records: pa.Table, folder: Path, words: pa.Table, before: pa.Table, model: Model) -> Matched:
    found = resolve(records, folder, words, before)
    member = pq.read_table(folder / "evidence" / "member.parquet")
    crowds = found.flags.to_pandas().groupby("field", as_index=False).agg(values=("value", "size"))
    return Matched(told(found, pq.read_table(found.pairs), member, model), _weakest(found, model), crowds)


def _added(
    last: Matched, records: pa.Table, gone: pa.Array, folder: Path, words: pa.Table, model: Model
) -> Matched:  # fmt: skip
    """The last matching with what the new records touch matched anew."""
    found = add(records, folder, words, ended=gone.to_pylist())
    touched = pd.Index([*found.clusters["record_id"].to_pylist(), *gone.to_pylist()])
    new = {"pairs": told(found, found.pairs, found.members, model), "capped": _weakest(found, model)}
    kept: Mapping[str, pd.DataFrame] = {
        name: pd.concat([_untouched(getattr(last, name), touched), frame], ignore_index=True)
        .sort_values(KEYS, ignore_index=True)
        for name, frame in new.items()
    }  # fmt: skip
    return Matched(**kept, crowds=last.crowds)


def told(found: Clustered, scored: pa.Table, member: pa.Table, model: Model) -> pd.DataFrame:
    """The scored pairs that say something: those that join, those in doubt, those forbidden, those in a cluster.

    ``member``: the node of each record; nodes are records alike in all evidence.
    """
    pairs = scored.to_pandas()
    edges = found.edges.to_pandas().dropna(subset="weight")
    vetoes = found.vetoed.to_pandas()
    alike = (
        pd.concat([edges, vetoes[vetoes["reason"] == TOO_MANY]])[KEYS]
        .drop_duplicates()
        .merge(pairs[KEYS], "left", on=KEYS, indicator=True)
    )
    alike = alike.query("_merge == 'left_only'")[KEYS]
    if len(alike):  # records alike in all evidence stand in one pair, the first and the second of them
        node = member.to_pandas().set_index("record_id")["node"]
        twice = pairs[pairs["left_node"] == pairs["right_node"]].drop(columns=KEYS)
        copies = alike.assign(left_node=alike["left_id"].map(node)).merge(twice, on="left_node")
        pairs = pd.concat([pairs, copies[pairs.columns]], ignore_index=True)
    cluster = found.clusters.to_pandas().set_index("record_id")["cluster"]
    joined = pd.MultiIndex.from_frame(edges[KEYS])
    doubtful = pd.MultiIndex.from_frame(found.doubtful.select(KEYS).to_pandas())
    vetoed = vetoes.set_index(KEYS)["reason"]
    at = pd.MultiIndex.from_frame(pairs[KEYS])
    status = pd.Series("apart", pairs.index)
    status = (
        status.mask(at.isin(vetoed.index), "vetoed").mask(at.isin(doubtful), "doubtful").mask(at.isin(joined), "joined")
    )
    together = pairs["left_id"].map(cluster) == pairs["right_id"].map(cluster)
    reasons = vetoed[~vetoed.index.duplicated()].reindex(at)
    listed = [[] if pd.isna(one) else [one] for one in reasons]
    kept: pd.DataFrame = (
        pairs.assign(status=status, vetoes=listed, model_version=model.version)
        .drop(columns=["pair", "left_node", "right_node"])[(status != "apart") | together.to_numpy()]
        .sort_values(KEYS, ignore_index=True)
    )
    return kept


def _weakest(found: Clustered, model: Model) -> pd.DataFrame:
    """The weakest join of each capped cluster: where a person would break it."""
    full = found.capped.to_pandas()["record_id"]
    edges = found.edges.to_pandas().dropna(subset="weight")
    cluster = edges["left_id"].map(found.clusters.to_pandas().set_index("record_id")["cluster"])
    held = edges.assign(cluster=cluster, model_version=model.version)[cluster.isin(full)]
    weakest: pd.DataFrame = (
        held.sort_values(["weight", *KEYS])
        .drop_duplicates("cluster")
        .sort_values(KEYS, ignore_index=True)[[*KEYS, "weight", "model_version"]]
    )
    return weakest


def _delta(records: pa.Table, last: Path, said: str) -> tuple[pa.Array | None, pa.Array]:
    """The ids of records that are new or changed, and of those that are gone, since they were last matched.

    None where they never were, or people have said something since: their words may touch anybody.
    """
    none = pa.array([], pa.string())
    stated = last / FINGERPRINT
    if not stated.is_file() or stated.read_text(encoding="ascii") != said:
        return None, none
    with duckdb.connect() as connection:
        connection.register("now", records)
        connection.execute(f"CREATE VIEW before AS FROM read_parquet('{last / 'records.parquet'}')")
        query = "SELECT DISTINCT record_id FROM ({}) ORDER BY record_id"
        found = [
            connection.execute(query.format(one)).to_arrow_table()["record_id"].combine_chunks()
            for one in ("FROM now EXCEPT FROM before", "FROM before ANTI JOIN now USING (record_id)")
        ]
    return found[0], found[1]


def _small(folder: Path, differing: int, records: pa.Table) -> bool:
    """Whether they, with all that was added since the last full run, are few beside the records."""
    layers = (folder / ADDED).glob("[0-9]*/member.parquet")
    added = sum(int(pq.ParquetFile(path).metadata.num_rows) for path in layers)
    return differing + added <= SMALL * int(records.num_rows)


def _makes_a_crowd(new: pa.Table, records: pa.Table, folder: Path, model: Model) -> bool:
    """Whether a value of new records is now shared by so many that it is no evidence, which the last full run took it
    for: an officer's own NI number typed in for whoever had none at hand."""
    with duckdb.connect() as connection:
        connection.register("record", records)
        connection.register("new", new)
        known = folder / "evidence" / "crowd.parquet"
        crowds = (
            f"FROM ({evidence.crowds(model, 'new')}) ANTI JOIN read_parquet('{known}') USING (field, value) LIMIT 1"
        )
        return connection.execute(crowds).fetchone() is not None


def _untouched(pairs: pd.DataFrame, touched: pd.Index) -> pd.DataFrame:
    return pairs[~pairs["left_id"].isin(touched) & ~pairs["right_id"].isin(touched)]


def _read(folder: Path) -> Matched:
    return Matched(*(pq.read_table(folder / f"{field.name}.parquet").to_pandas() for field in fields(Matched)))


def _hash(words: pa.Table) -> str:
    rows = sorted(zip(*words.to_pydict().values(), strict=True))
    return blake2b(repr(rows).encode(), digest_size=16).hexdigest()
