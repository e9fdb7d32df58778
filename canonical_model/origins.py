"""Where a field of a record comes from: of a source's record its columns, of a golden one what each record had."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from canonical_model.base import CURRENT
from canonical_model.reads import Query
from canonical_model.resources import Resource


def of_golden(identity: UUID, fields: Sequence[str]) -> Query:
    """What each record had for the fields of a golden record, the one that stands first: one row, body."""
    return Query(
        f"""
        SELECT coalesce(json_agg(json_build_object(
            'field', v.field, 'value', v.value, 'stands', v.is_winner, 'rank', v.rank, 'reason', v.reason,
            'system', v.system, 'trust', v.trust, 'record', v.entity_id, 'run', v.run_id
        ) ORDER BY v.field, v.rank), '[]')::text AS body
        FROM {CURRENT}.golden_value v WHERE v.golden_id = $1 AND v.field = ANY($2::text[])
        """,
        (identity, list(fields)),
    )


def of_source(resource: Resource, identity: UUID) -> Query:
    """Where a record was read: source_key, run_id, system, source_table, mapping_version, mappings (JSON), read_at.

    ``mappings`` are those of the source table, as ``ledger.mapping_version`` keeps them.
    """
    return Query(
        f"""
        SELECT t.source_key, t.run_id, b.system, b.source_table, b.mapping_version, r.started_at AS read_at,
            (v.fields -> b.source_table)::text AS mappings
        FROM {CURRENT}.{resource.table} t JOIN ledger.batch b ON b.id = t.batch_id JOIN ledger.run r ON r.id = b.run_id
        LEFT JOIN ledger.mapping_version v ON v.version = b.mapping_version WHERE t.id = $1
        """,
        (identity,),
    )
