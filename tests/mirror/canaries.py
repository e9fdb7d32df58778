"""Fictional people, and their identifiers hidden where real ones hide: ten of each of twenty kinds."""

# ruff: noqa: E501 - a kind of canary a line

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid5

from psycopg import sql
from sqlalchemy import Connection, Table, Uuid, insert, text

from canonical_model.tables import current
from mirror.masked import Masker
from mirror.plan import Plan
from mirror.proof import identifiers, leaks, matching, rows
from mirror.proof.leaks import Search

PEOPLE = 10
NO_BATCH = 0
"""Canaries come from no source: the keys of their rows are like no table's."""
FAMILY = UUID("00000000-0000-4000-8000-00000000c0de")
GIVEN = (
    "Zebedee",
    "Araminta",
    "Ptolemy",
    "Philomela",
    "Caractacus",
    "Hepzibah",
    "Barnabas",
    "Dowsabel",
    "Erasmus",
    "Venetia",
)
LAST = ("Quillfeather", "O'Marrowby", "Thistlemere", "Vanterpoole", "Wexcombe-Dray", "Yarborowe", "Ullathorpe", "Nettlefold",
        "Izzardine", "Jopplestone")  # fmt: skip
STREETS = ("Gallowglass Rise", "Pepperpot Wynd", "Quagmire Terrace", "Rookhaven Drive", "Saltmarket Steps", "Tanglewood Row",
           "Umbrella Mews", "Vinegar Hollow", "Whistlejack Close", "Yewtree Parade")  # fmt: skip


@dataclass(frozen=True)
class Canary:
    """A fictional person. Their identifiers stand in the columns for them; ``hidden`` says where else."""

    number: int

    @property
    def forename(self) -> str:
        return GIVEN[self.number]

    @property
    def surname(self) -> str:
        return LAST[self.number]

    @property
    def mobile(self) -> str:
        """Digits after the 0."""
        return f"77009{31337 + self.number * 7:05d}"

    @property
    def mail(self) -> str:
        return f"{self.forename}.{self.surname.replace(chr(39), '')}{self.number}7@post.test".lower()

    @property
    def nino(self) -> str:
        return f"QQ{314159 + self.number * 101:06d}{'ABCD'[self.number % 4]}"

    @property
    def payment_ref(self) -> str:
        return f"{4417000000 + self.number * 90909}"

    @property
    def street(self) -> str:
        return STREETS[self.number]

    @property
    def uprn(self) -> int:
        return 906700100000 + self.number * 37

    def id(self, what: str) -> UUID:
        """The id of what is theirs."""
        return uuid5(FAMILY, f"{what} {self.number}")


CANARIES = tuple(Canary(number) for number in range(PEOPLE))
Hiding = tuple[str, Callable[[Canary], dict[str, Any]]]


def _spaced(digits: str, *lengths: int) -> str:
    parts, start = [], 0
    for length in lengths:
        parts.append(digits[start : start + length])
        start += length
    return " ".join(parts)


HIDDEN: dict[str, Hiding] = {
    "telephone with a blank": ("canonical.repair_request", lambda c: {"access_notes": f"Ring 0{_spaced(c.mobile, 4, 6)} first"}),
    "telephone with a country code": ("canonical.appointment", lambda c: {"comment": f"carded, +44 {_spaced(c.mobile, 4, 3, 3)}"}),
    "telephone in brackets": ("canonical.arrears_action", lambda c: {"comment": f"tel (0{c.mobile[:4]}) {c.mobile[4:7]}-{c.mobile[7:]}"}),
    "telephone without its 0": ("canonical.satisfaction_response", lambda c: {"comment": f"call {c.mobile} pls"}),
    "telephone with 0044": ("canonical.manual_allocation", lambda c: {"note": f"0044{c.mobile}"}),
    "telephone in hexadecimal": ("canonical.certificate", lambda c: {"notes": f"0{c.mobile}".encode().hex()}),
    "mail": ("canonical.housing_application", lambda c: {"notes": f"write to {c.mail.upper()}."}),
    "mail with percent signs": ("canonical.work_order", lambda c: {"description": f"form?from={quote(c.mail, safe='')}&x=1"}),
    "mail in base64": ("canonical.survey", lambda c: {"notes": base64.b64encode(c.mail.encode()).decode()}),
    "name in JSON": ("scheduling.caller_order", lambda c: {"lines": json.dumps({"tenant": {"first": c.forename, "last": c.surname}})}),
    "mail in JSON's escapes": ("api.export", lambda c: {"filters": json.dumps({"m": c.mail.replace("@", "\x00")}).replace("\\u0000", "\\u0040")}),
    "name in an array": ("api.webhook", lambda c: {"entities": [c.forename.upper(), c.surname.upper()]}),
    "telephone in an array": ("api.client", lambda c: {"scopes": ["x", f"0{c.mobile}"]}),
    "name split over columns": ("canonical.delivery_point", lambda c: {"organisation_name": c.forename, "department_name": c.surname}),
    "name split the other way round": ("canonical.bank_entry", lambda c: {"payer_name": c.surname, "details": c.forename}),
    "name in capitals": ("canonical.recharge", lambda c: {"description": f"PAID BY MR {c.surname}, {c.forename}".upper()}),
    "National Insurance number with blanks": ("canonical.hazard_case", lambda c: {"extension_reason": f"ni {_spaced(c.nino, 2, 2, 2, 2, 1).lower()}"}),
    "payment reference": ("canonical.component", lambda c: {"description": f"see account {c.payment_ref}"}),
    "address": ("canonical.operative_availability", lambda c: {"reason": f"at {c.number + 11} {c.street.upper()}"}),
    "UPRN": ("canonical.visit_confirmation", lambda c: {"reason": f"uprn:{c.uprn}"}),
}  # fmt: skip
"""Each kind, with the table and the columns that it is hidden in."""


def plant(connection: Connection) -> None:
    """Writes the people with what identifies them, and hides each kind of each."""
    for canary in CANARIES:
        _plant(connection, canary)
        for number, (table, hidden) in enumerate(HIDDEN.values()):
            _add(connection, table, canary.id(f"hidden {number}"), canary.number * 100 + number, **hidden(canary))


def search(connection: rows.Connection, plan: Plan, masker: Masker) -> Search:
    """The search for the identifiers of a hub."""
    return Search.of(identifiers.gather(connection, plan, masker), lambda key: f"{key:016x}")


def found(connection: rows.Connection, sought: Search) -> int:
    """How many of those hidden in a hub the search finds in the very values that hide them."""
    times = 0
    for canary in CANARIES:
        for kind, (table, hide) in enumerate(HIDDEN.values()):
            text = _hidden(connection, canary, kind, table, list(hide(canary)))
            assert text
            times += matching.search(sought.text, b"\n\x1e\n".join([text, *leaks._hidden(text)])).times > 0
    return times


def _hidden(connection: rows.Connection, canary: Canary, kind: int, table: str, columns: list[str]) -> bytes:
    """The text of the row that hides something of the canary."""
    number = f"c{canary.number * 100 + kind}"
    key, value = {"api.client": ("id", number), "scheduling.caller_order": ("order_ref", number)}.get(
        table, ("id", str(canary.id(f"hidden {kind}")))
    )
    query = sql.SQL("COPY (SELECT {} FROM {} WHERE {}::text = {}) TO STDOUT (FORMAT csv, DELIMITER E'\\x1f')").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(*table.split(".")), sql.Identifier(key),
        sql.Literal(value),
    )  # fmt: skip
    with connection.cursor().copy(query) as copy:
        return b"".join(bytes(part) for part in copy)


def _plant(connection: Connection, canary: Canary) -> None:
    person, home = canary.id("person"), canary.id("home")
    _add(connection, "canonical.asset", home, canary.number, asset_ref=f"0090{canary.number}411", uprn=canary.uprn,
         address_line_1=f"{canary.number + 11} {canary.street}", address_line_3="Netherfold")  # fmt: skip
    for table, number in (("canonical.person", person), ("canonical.golden_person", canary.id("golden"))):
        is_record = table == "canonical.person"
        more = {"person_ref": f"77{canary.number}4455/1", "asset_id": home} if is_record else {"email": canary.mail}
        _add(connection, table, number, canary.number, forename=canary.forename, surname=canary.surname,
             birth_date=datetime.date(1950 + canary.number, 3, 4), sex_code="female",
             national_insurance_number=canary.nino, **more)  # fmt: skip
    _add(connection, "canonical.rent_account", canary.id("account"), canary.number, payment_ref=canary.payment_ref,
         person_id=person)  # fmt: skip
    for kind, value in (("mobile", f"0{canary.mobile}"), ("email", canary.mail)):
        _add(connection, "canonical.contact_method", canary.id(kind), canary.number, person_id=person, value=value,
             contact_type_code=CONTACTS[kind])  # fmt: skip


CONTACTS = {"mobile": "mobile", "email": "email"}


def _add(connection: Connection, name: str, identity: UUID, number: int, **values: Any) -> None:
    """Inserts a row whose required columns, where nothing is given for them, hold the least that their rules allow."""
    schema, table_name = name.split(".")
    if schema == "canonical":
        table = current(table_name)
        row = _required(connection, table, identity, number) | values
        connection.execute(insert(table), row)
        return
    given = _REQUIRED[name](identity, number) | values
    columns = ", ".join(given)
    connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({', '.join(f':{key}' for key in given)})"), given)


def _required(connection: Connection, table: Table, identity: UUID, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        if column.name == "id":
            row["id"] = identity
        elif column.name == "source_key":
            row["source_key"] = f"canary|{number}"
        elif column.name == "batch_id":
            row["batch_id"] = NO_BATCH
        elif not column.nullable and column.server_default is None:
            row[column.name] = _least(connection, column, identity, number)
    return row


def _least(connection: Connection, column: Any, identity: UUID, number: int) -> Any:
    for key in column.foreign_keys:
        target = key.column.table
        wanted = uuid5(identity, target.name)
        if connection.execute(target.select().where(target.c.id == wanted)).first() is None:
            connection.execute(insert(target), _required(connection, target, wanted, number))
        return wanted
    if codes := column.info.get("codes"):
        return codes[0]
    kind = column.type.python_type
    if isinstance(column.type, Uuid):
        return identity
    return {
        str: f"c{number}", int: 1 + number, Decimal: Decimal(1), bool: False, list: [],
        datetime.date: datetime.date(2026, 1, 5), datetime.time: datetime.time(8),
        datetime.datetime: datetime.datetime(2026, 1, 5, 8, tzinfo=datetime.UTC),
    }.get(kind, 1)  # fmt: skip


_NOW = datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)
_REQUIRED: dict[str, Callable[[UUID, int], dict[str, Any]]] = {
    "scheduling.caller_order": lambda _, number: {
        "id": number + 1, "order_ref": f"c{number}", "contract_ref": "H01", "location_ref": "x", "priority": "E",
        "target_at": _NOW, "user_ref": "x", "status_code": "PLANNED", "raised_at": _NOW,
    },
    "api.export": lambda identity, number: {
        "id": identity, "client_id": f"c{number}", "resource": "x", "fields": [], "format": "csv", "status": "waiting",
        "asked_at": _NOW, "expires_at": _NOW,
    },
    "api.webhook": lambda identity, number: {
        "id": identity, "client_id": f"c{number}", "url": "https://a.test/", "created_at": _NOW, "status": "active",
        "position": [0, 0], "failures": 0, "next_at": _NOW,
    },
    "api.client": lambda _, number: {
        "id": f"c{number}", "secret_hash": "x", "purpose": "x", "created_at": _NOW,
    },
}  # fmt: skip
