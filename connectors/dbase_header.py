"""The head of a dBase or FoxPro table: how many records, which code page, which fields."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.chunks import distinct_names
from connectors.dbase_fields import DECODERS, DbfField
from connectors.files import kind_of

VERSIONS = {0x03, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xF5, 0xFB}
"""First bytes of the tables that are read: FoxBase, dBase III to V, FoxPro, Visual FoxPro."""

CODE_PAGES = {
    0x00: "ascii", 0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x04: "mac_roman", 0x08: "cp865",
    0x09: "cp437", 0x0A: "cp850", 0x0B: "cp437", 0x0D: "cp437", 0x0E: "cp850", 0x0F: "cp437",
    0x10: "cp850", 0x11: "cp437", 0x12: "cp850", 0x14: "cp850", 0x15: "cp437", 0x16: "cp850",
    0x17: "cp865", 0x18: "cp437", 0x19: "cp437", 0x1A: "cp850", 0x1B: "cp437", 0x1C: "cp863",
    0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852", 0x24: "cp860", 0x25: "cp850",
    0x26: "cp866", 0x37: "cp850", 0x40: "cp852", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252",
    0x64: "cp852", 0x65: "cp866", 0x66: "cp865", 0x67: "cp861", 0x6A: "cp737", 0x6B: "cp857",
    0x7C: "cp874", 0x7D: "cp1255", 0x7E: "cp1256", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254",
    0xCB: "cp1253",
}  # fmt: skip
"""Single-byte code pages by language driver (byte 29). Without one a table is ASCII until layout.encoding."""

NULLABLE = 2


class NoTable(ValueError):
    """Why bytes are not a table that can be read."""


@dataclass(frozen=True)
class Header:
    """What the head of a table says. ``records`` counts deleted ones too."""

    records: int
    length: int
    record_length: int
    code_page: str | None
    fields: tuple[DbfField, ...]
    null_flags: tuple[int, int] | None
    """Offset and length of the null flags in the record, where the table has them."""


def parse_header(data: bytes, file_length: int) -> Header:
    """The head of a table from its first bytes (32 + 32 a field). Raises NoTable."""
    if len(data) < 33 or data[0] not in VERSIONS:
        raise NoTable(f"it is {kind_of(data) or 'no dBase or FoxPro table'}")
    length, record_length = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    if file_length < length:
        raise NoTable("it ends before its first record")
    fields: list[DbfField] = []
    flags: tuple[int, int] | None = None
    offset, bit, at = 1, 0, 32
    while at < len(data) and data[at] != 0x0D:
        entry = data[at : at + 32]
        if len(entry) < 32 or at + 32 > length:
            raise NoTable("its list of fields does not end")
        name, kind = entry[:11].split(b"\0")[0].decode("latin-1"), chr(entry[11])
        size, decimals, nullable = entry[16], entry[17], bool(entry[18] & NULLABLE)
        if kind == "C" and decimals:
            size, decimals = size + 256 * decimals, 0  # FoxPro: long text fields
        if kind == "0":
            flags = (offset, size)
        else:
            varying = kind in "VQ"
            full_bit, bit = (bit, bit + 1) if varying else (None, bit)
            null_bit, bit = (bit, bit + 1) if nullable else (None, bit)
            field = DbfField(name, kind, offset, size, decimals, null_bit, full_bit)
            if kind not in DECODERS and not field.is_memo:
                raise NoTable(f"its field {name} has the unknown type {kind}")
            fields.append(field)
        offset, at = offset + size, at + 32
    if offset != record_length or not fields:
        raise NoTable(f"its fields fill {offset} bytes of a record of {record_length}")
    names = distinct_names([field.name for field in fields])
    return Header(
        records=int.from_bytes(data[4:8], "little"),
        length=length,
        record_length=record_length,
        code_page=CODE_PAGES.get(data[29]),
        fields=tuple(
            DbfField(name, f.type, f.offset, f.length, f.decimals, f.null_bit, f.full_bit)
            for name, f in zip(names, fields, strict=True)
        ),
        null_flags=flags,
    )
