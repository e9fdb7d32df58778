"""What may be wrong with a mapping folder, told before a row is read. All of it at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Table

from canonical_model.base import Sourced
from canonical_model.tables import metadata
from ledger.spec import SystemSpec
from mappings.apply import parts_of
from mappings.mapping import Mapping
from mappings.rules import Code, CodeLists, Constant, Ref, Rule

PROVENANCE = frozenset(Sourced.__annotations__)
"""Columns that loading fills, not mappings."""


def spec_faults(spec: SystemSpec) -> Iterator[str]:
    """What is wrong with the contract by itself."""
    for table in spec.tables:
        names = {column.name for column in table.columns}
        if not table.key:
            yield f'table {table.name} has no key: name the columns that identify a row, or ["*"] for all'
        for column in set(table.key) - names - {"*", "_line", "_occurrence"}:
            yield f"table {table.name}: its key {column} is no column of it"
        if table.money:
            stated = {table.money.amount, table.money.account, table.money.group, table.money.sign_column}
            for column in sorted(filter(None, stated - names)):
                yield f"table {table.name}: its money names {column}, which is no column of it"


def mapping_faults(spec: SystemSpec, mappings: Sequence[Mapping], codes: CodeLists) -> Iterator[str]:
    """Where the mappings do not fit the contract or the code lists."""
    tables = {table.name: table for table in spec.tables}
    for mapping in mappings:
        if mapping.source not in tables:
            yield f"a mapping reads table {mapping.source}, which source.toml does not have"
        for rule in mapping.fields.values():
            for part in parts_of(rule):
                if isinstance(part, Code) and part.code_list not in codes:
                    yield f"codes/{part.code_list}.csv is missing"
    for table in spec.tables:
        used = [mapping for mapping in mappings if mapping.source == table.name]
        if not used:
            yield f"table {table.name} is not mapped"
            continue
        mapped = frozenset().union(*(mapping.columns for mapping in used))
        ignored = {name for mapping in used for name in mapping.ignored}
        names = {column.name for column in table.columns}
        yield from (f"{table.name}.{name} is neither mapped nor ignored" for name in sorted(names - mapped - ignored))
        yield from (f"{table.name}.{name} is mapped or ignored but not in source.toml"
                    for name in sorted((mapped | ignored) - names - {"_key", "_line"}))  # fmt: skip
        yield from (f"{table.name}.{name} is mapped and ignored" for name in sorted(mapped & ignored))


def model_faults(mappings: Sequence[Mapping], codes: CodeLists) -> Iterator[str]:
    """Where the mappings name what the canonical model does not have, or leave out what it must have."""
    for mapping in (mapping for mapping in mappings if mapping.target):
        target = metadata.tables.get(f"canonical.{mapping.target}")
        if target is None:
            yield f"{mapping.source} is mapped to {mapping.target}, which is no canonical table"
            continue
        place = f"{mapping.source} to {mapping.target}"
        own = {column.name for column in target.columns} - PROVENANCE
        yield from (f"{place}: {name} is no field of it" for name in sorted(mapping.fields.keys() - own))
        must = {c.name for c in target.columns if not (c.nullable or c.server_default)} - PROVENANCE
        yield from (f"{place}: {name} is required and not mapped" for name in sorted(must - mapping.fields.keys()))
        for name in sorted(mapping.fields.keys() & own):
            yield from (
                f"{place}: {name} {fault}" for fault in _field_faults(target, name, mapping.fields[name], codes)
            )


def _field_faults(target: Table, name: str, rule: Rule, codes: CodeLists) -> Iterator[str]:
    column = target.columns[name]
    for part in parts_of(rule):
        if isinstance(part, Ref):
            if part is not rule:
                yield "is a reference inside another rule, where it is not resolved"
            if f"canonical.{part.target}" not in metadata.tables:
                yield f"refers to {part.target}, which is no canonical table"
            if not (column.nullable or part.required):
                yield "is required: so must be its reference"
        known = column.info.get("codes")
        if known and isinstance(part, Code):
            unknown = sorted(set(codes.get(part.code_list, {}).values()) - {*known, ""})
            yield from (
                f"gets {code!r} from codes/{part.code_list}.csv, which is none of its codes" for code in unknown
            )
        if known and isinstance(part, Constant) and part.value not in known:
            yield f"gets {part.value!r}, which is none of its codes"
