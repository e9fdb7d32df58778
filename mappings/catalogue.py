"""The catalogue: every legacy system that has a folder here, its contract, its mappings and its code lists.

A folder holds ``source.toml`` (tables, columns, keys, layout), Python files with ``Mapping`` values,
``codes/`` with one CSV a code list (source_code, canonical_code, description, agreed_by, agreed_on),
optionally ``checks.toml`` (rules over the loaded system, in SQL) and a README. A new system is a new folder,
nothing else.
"""

from __future__ import annotations

import csv
import difflib
import tomllib
from collections.abc import Iterator
from collections.abc import Mapping as Dict
from dataclasses import dataclass, fields
from decimal import Decimal
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any

from ledger.errors import ConfigurationFault
from ledger.spec import Column, MoneyColumn, SystemSpec, TableSpec
from ledger.values import MoneyTarget, Severity
from mappings.apply import declared_checks
from mappings.faults import mapping_faults, model_faults, spec_faults
from mappings.mapping import Mapping
from mappings.rules import CodeLists, Money, Ref, Text

FOLDER = Path(__file__).parent
UNREADABLE = (tomllib.TOMLDecodeError, TypeError, KeyError, ValueError)


@dataclass(frozen=True)
class SystemCheck:
    """A rule over several rows or tables of a loaded system. ``sql`` finds the rows that break it.

    It selects ``batch_id, source_row, source_key`` from canonical tables (bind ``:system`` is there).
    """

    code: str
    severity: Severity
    table: str
    column: str
    meaning: str
    sql: str


@dataclass(frozen=True)
class System:
    """One legacy system as the hub understands it. ``version`` is the hash of its whole folder."""

    spec: SystemSpec
    mappings: Dict[str, tuple[Mapping, ...]]
    codes: CodeLists
    checks: tuple[SystemCheck, ...]
    version: str

    def anchor(self, table: str) -> str | None:
        """The canonical table that gets exactly one row for each kept row of the source table, if one does."""
        spec = self.spec.table(table)
        keys = (spec.key, ("_key",))
        anchors = (
            m.target for m in self.mappings[table] if m.key in keys and m.when is None and not (m.part or m.needs)
        )
        return next(anchors, None)

    def droppable(self, table: str) -> set[str]:
        """The canonical tables of which a source row may make a row today and none, or another, tomorrow."""
        key = self.spec.table(table).key
        return {m.target for m in self.mappings[table] if m.when or m.needs or m.part or m.key not in (key, ("_key",))}

    def refers_ahead(self, table: str) -> bool:
        """Whether rows of the table may refer to rows of this system that are loaded after them."""
        names = [spec.name for spec in self.spec.tables]
        own = {(m.target, m.part, m.key) for m in self.mappings[table]}
        later = {m.target for name in names[names.index(table) :] for m in self.mappings[name]}
        return any(
            rule.target in later
            and rule.system in (None, self.spec.name)
            and (rule.target, rule.part, rule.key) not in own
            for mapping in self.mappings[table]
            for rule in mapping.fields.values()
            if isinstance(rule, Ref)
        )

    def money_target(self, table: str) -> MoneyTarget | None:
        """Where the table's declared money goes; None where the table declares none or none of it is mapped."""
        money = self.spec.table(table).money
        for mapping in self.mappings[table] if money else ():
            assert money is not None
            names = [n for n, rule in mapping.fields.items() if isinstance(rule, Money) and rule.column == money.amount]
            if not names:
                continue
            if mapping.target == "rent_account":
                return MoneyTarget(mapping.target, names[0], "id", self.spec.name, mapping.part)
            for name, rule in mapping.fields.items():
                if isinstance(rule, Ref) and rule.target == "rent_account" and rule.key == (money.account,):
                    return MoneyTarget(mapping.target, names[0], name, rule.system or self.spec.name, rule.part)
            for name, rule in mapping.fields.items():
                if isinstance(rule, Text) and rule.column == money.account:
                    return MoneyTarget(mapping.target, names[0], name)
            for name, rule in mapping.fields.items():
                if isinstance(rule, Ref) and rule.required and rule.key == (money.account,):
                    system = rule.system or self.spec.name
                    return MoneyTarget(mapping.target, names[0], name, system, rule.part, rule.target)
        return None

    def field_origins(self) -> dict[str, list[dict[str, Any]]]:
        """By source table, for each mapping: target, part, key columns, and each field's source columns and rule."""
        return {
            table: [
                {
                    "target": mapping.target, "part": mapping.part, "key": list(mapping.key),
                    "fields": {
                        name: {"columns": list(rule.columns), "rule": type(rule).__name__}
                        for name, rule in mapping.fields.items()
                    },
                }
                for mapping in mappings
                if mapping.target
            ]
            for table, mappings in self.mappings.items()
        }  # fmt: skip

    def coded_checks(self) -> dict[str, Severity]:
        """Every coded check of the system with its severity."""
        found: dict[str, Severity] = {check.code: check.severity for check in self.checks}
        for table in self.spec.tables:
            for name, severity in declared_checks(table, self.mappings.get(table.name, ())):
                found[name] = "error" if found.get(name) == "error" else severity
        return found


def system_names(folder: Path = FOLDER) -> tuple[str, ...]:
    """The names of all systems that have a folder, sorted."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/source.toml")))


def load_system(name: str, folder: Path = FOLDER, package: str = "mappings") -> System:
    """The system of that name, checked as a whole.

    Raises:
        ConfigurationFault: listing every fault of the folder at once: an unknown key, a table without a key,
            a column that is neither mapped nor ignored, a code list that is missing or states a code twice, a
            field or a code that the canonical model does not have.
    """
    home = folder / name
    if not (home / "source.toml").is_file():
        near = difflib.get_close_matches(name, system_names(folder), 1)
        raise ConfigurationFault(
            f"There is no mapping folder for {name!r}.", system=name,
            next_step=f"Did you mean {near[0]!r}?" if near else f"Make mappings/{name}/ with a source.toml.",
        )  # fmt: skip
    faults: list[str] = []
    spec, checks = None, None
    try:
        spec = parse_spec(tomllib.loads((home / "source.toml").read_text("utf-8")), home)
    except UNREADABLE as error:
        faults.append(f"source.toml cannot be understood: {error}")
    try:
        checks = _checks(home / "checks.toml")
    except UNREADABLE as error:
        faults.append(f"checks.toml cannot be understood: {error}")
    lists = {path.stem: _code_list(path, faults) for path in sorted(home.glob("codes/*.csv"))}
    mappings: tuple[Mapping, ...] = ()
    try:
        mappings = tuple(_mappings(home, f"{package}.{name}"))
    except (TypeError, ValueError) as error:
        faults.append(f"a mapping cannot be made: {error}")
    codes = MappingProxyType(lists)
    if spec and not faults:
        faults += [*spec_faults(spec), *mapping_faults(spec, mappings, codes), *model_faults(mappings, codes)]
    if faults:
        raise ConfigurationFault(
            "its mapping does not fit its source: " + "; ".join(faults) + ".", system=name,
            next_step=f"Correct these in mappings/{name}/.",
        )  # fmt: skip
    assert spec is not None and checks is not None
    by_table = {
        table.name: tuple(mapping for mapping in mappings if mapping.source == table.name) for table in spec.tables
    }
    return System(spec, MappingProxyType(by_table), codes, checks, _version(home))


def parse_spec(toml: dict[str, Any], home: Path) -> SystemSpec:
    """The agreed source from the text of ``source.toml``; paths in layouts become absolute below ``home``."""
    shared = toml.get("layout", {})
    tables = tuple(
        _table(toml["system"], table, {**shared, **table.get("layout", {})}, home) for table in toml["tables"]
    )
    return SystemSpec(
        name=toml["system"], title=toml["title"], owner=toml["owner"], technology=toml["technology"],
        tables=tables, after=tuple(toml.get("after", ())), layout=MappingProxyType(_resolved(shared, home)),
    )  # fmt: skip


def _table(system: str, table: dict[str, Any], layout: dict[str, Any], home: Path) -> TableSpec:
    money = table.get("money")
    return TableSpec(
        system=system, name=table["name"], grain=table["grain"], key=tuple(table.get("key", ())),
        columns=tuple(_column(name, column) for name, column in table["columns"].items()),
        money=MoneyColumn(**{**money, "negative_values": tuple(money.get("negative_values", ()))}) if money else None,
        max_fault_share=table.get("max_fault_share", 0.05), may_be_empty=table.get("may_be_empty", False),
        layout=MappingProxyType(_resolved(layout, home)),
    )  # fmt: skip


def _column(name: str, stated: dict[str, Any]) -> Column:
    known = {item.name for item in fields(Column)}
    if unknown := stated.keys() - known:
        raise ValueError(f"column {name} states {', '.join(sorted(unknown))}, which is not a column setting")
    limits: dict[str, Any] = {key: Decimal(str(stated[key])) for key in ("minimum", "maximum") if key in stated}
    lists: dict[str, Any] = {key: tuple(map(str, stated[key])) for key in ("values", "aliases") if key in stated}
    settings: dict[str, Any] = {"name": name, **stated, **limits, **lists}
    return Column(**settings)


def _resolved(layout: dict[str, Any], home: Path) -> dict[str, Any]:
    """The layout with its ``copybook`` and ``wsdl`` as absolute paths."""
    return {
        key: str(home / value) if key in ("copybook", "wsdl") and (home / value).is_file() else value
        for key, value in layout.items()
    }


def _mappings(home: Path, package: str) -> Iterator[Mapping]:
    seen: set[int] = set()  # a module may have taken a mapping over from another
    for module in iter_modules([str(home)]):
        for value in vars(import_module(f"{package}.{module.name}")).values():
            if isinstance(value, Mapping) and id(value) not in seen:
                seen.add(id(value))
                yield value


def _checks(path: Path) -> tuple[SystemCheck, ...]:
    stated = tomllib.loads(path.read_text("utf-8"))["checks"] if path.is_file() else []
    return tuple(SystemCheck(**check) for check in stated)


def _code_list(path: Path, faults: list[str]) -> Dict[str, str]:
    """The list's codes; a code that stands twice is added to ``faults``."""
    codes: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["source_code"] in codes:
                faults.append(f"codes/{path.name} states {row['source_code']!r} twice")
            codes[row["source_code"]] = row["canonical_code"]
    return codes


def _version(home: Path) -> str:
    """The hash of what decides the meaning of the system's data: its folder and the rules' own code."""
    digest = sha256()
    engine = FOLDER.glob("*.py")
    for path in sorted([*engine, *(p for p in home.rglob("*") if p.suffix in (".toml", ".py", ".csv", ".cpy"))]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
