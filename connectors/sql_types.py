"""Database values as Arrow columns: which type a declared SQL type becomes, and values that do not fit it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
from sqlalchemy import types
from sqlalchemy.dialects import mssql, mysql

from connectors.chunks import decimals_of

UNFIT = (pa.ArrowException, TypeError, ValueError, OverflowError, KeyError)
ZERO_DATES = ("0000-00-00", "0000-00-00 00:00:00")
"""MariaDB's own way to say that there is no date."""


def arrow_type(declared: types.TypeEngine[Any]) -> pa.DataType:
    """The Arrow type of a declared SQL type. Text where no plain type holds every value exactly.

    Floating point numbers and numerics without a precision become text, as the database writes them.
    """
    plain: pa.DataType = pa.string()
    if isinstance(declared, mysql.BIT):
        plain = pa.bool_() if declared.length in (None, 1) else pa.string()
    elif isinstance(declared, types.Boolean):
        plain = pa.bool_()
    elif isinstance(declared, types.Integer):
        plain = pa.decimal128(20, 0) if getattr(declared, "unsigned", False) else pa.int64()
    elif isinstance(declared, mssql.MONEY | mssql.SMALLMONEY):
        plain = pa.decimal128(19, 4)
    elif isinstance(declared, types.Numeric) and not isinstance(declared, types.Float):
        if declared.precision and declared.precision <= 38 and (declared.scale or 0) >= 0:
            plain = pa.decimal128(declared.precision, declared.scale or 0)
    elif isinstance(declared, types.DateTime):
        plain = pa.timestamp("us")
    elif isinstance(declared, types.Date):
        plain = pa.date32()
    return plain


def arrow_column(values: Sequence[Any], kind: pa.DataType, *, loose: bool = False) -> tuple[pa.Array, list[int]]:
    """The values as an Arrow array, and the positions of those that are no value of that type (null there).

    ``loose`` is for databases that do not enforce a column's type (SQLite).
    """
    try:
        return (_loose(values, kind) if loose else pa.array(values, kind)), []
    except UNFIT:
        pass
    single = _converter(kind)
    column: list[Any] = []
    unfit: list[int] = []
    for position, value in enumerate(values):
        converted = None
        if value is not None and value not in ZERO_DATES:
            with suppress(*UNFIT, InvalidOperation):
                converted = pa.scalar(single(value), kind).as_py()
            if converted is None:
                unfit.append(position)
        column.append(converted)
    return pa.array(column, kind), unfit


def text_of(value: Any) -> str:
    """A value as text: bytes in hexadecimal, numbers exactly, everything else as Python writes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def raw_record(values: Sequence[Any]) -> str:
    """A record that could not be decoded, as a JSON list; bytes that are no text as ``\\xNN``."""
    texts = [None if value is None else text_of(value) for value in values]
    return json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _loose(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """Dates and times from ISO text, booleans from 0 and 1, decimals from the nearest binary number."""
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return pa.array(values, pa.string()).cast(kind)
    if pa.types.is_boolean(kind):
        numbers = pa.array(values, pa.int64())
        if set(numbers.unique().to_pylist()) - {0, 1, None}:
            raise ValueError
        return numbers.cast(kind)
    if pa.types.is_decimal(kind):
        return decimals_of(pa.array(values, pa.float64()), kind)
    return pa.array(values, kind)


def _converter(kind: pa.DataType) -> Callable[[Any], Any]:
    if pa.types.is_string(kind):
        return text_of
    if pa.types.is_boolean(kind):
        return _boolean
    if pa.types.is_integer(kind):
        return _integer
    if pa.types.is_decimal(kind):
        return lambda value: _decimal(value, kind.scale)
    if pa.types.is_date(kind):
        return _date
    return _timestamp


def _boolean(value: Any) -> bool:
    if isinstance(value, bytes):  # MariaDB's BIT
        value = int.from_bytes(value, "big")
    if value in (0, 1):
        return bool(value)
    return {"t": True, "f": False}[value]


def _integer(value: Any) -> int:
    if isinstance(value, int | str) or value == int(value):
        return int(value)
    raise ValueError


def _decimal(value: Any, scale: int) -> Decimal:
    if isinstance(value, float):
        nearest = round(Decimal(repr(value)), scale)
        if abs(float(nearest) - value) > 1e-4 * 10.0**-scale:
            raise ValueError
        return nearest
    return Decimal(value)


def _date(value: Any) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, date):
        return value
    raise ValueError


def _timestamp(value: Any) -> datetime:
    if isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return value
    raise ValueError
