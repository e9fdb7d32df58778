"""How the description tells of lineage."""

from __future__ import annotations

from api.examples import example_of
from api.schemas import TYPES, Json

TEXT, NUMBER = {"type": ["string", "null"]}, {"type": ["integer", "null"]}
ONE = {
    "type": "object", "required": ["field", "columns", "rule", "raw"],
    "properties": {
        "field": TYPES["text"], "columns": {"type": "array", "items": TYPES["text"]}, "rule": TYPES["text"],
        "raw": {"type": ["object", "null"], "description": "Column and raw value, of the columns that the token opens; "
                "null once purged"},
    },
}  # fmt: skip
OF_SOURCE: Json = {
    "type": "object", "required": ["id", "system", "table", "line", "run", "mapping_version", "origins"],
    "properties": {
        "id": TYPES["uuid"], "system": TYPES["text"], "table": TYPES["text"],
        "key": {**TYPES["text"], "description": "Where the token opens names"},
        "unit": {**TEXT, "description": "File, sheet or table; null once purged"},
        "line": {**NUMBER, "description": "Line in it; null once purged"},
        "batch": TYPES["integer"], "run": TYPES["integer"], "read_at": TYPES["instant"],
        "mapping_version": TYPES["text"], "origins": {"type": "array", "items": ONE},
    },
}  # fmt: skip
VALUE = {
    "type": "object", "required": ["field", "value", "stands", "rank", "system", "record", "run"],
    "properties": {
        "field": TYPES["text"], "value": TEXT, "stands": TYPES["boolean"], "rank": TYPES["integer"], "reason": TEXT,
        "system": TYPES["text"], "trust": {"type": ["number", "null"]}, "record": TYPES["uuid"],
        "run": TYPES["integer"],
    },
}  # fmt: skip
OF_GOLDEN: Json = {
    "type": "object", "required": ["id", "origins"],
    "properties": {"id": TYPES["uuid"], "origins": {"type": "array", "items": VALUE}},
}  # fmt: skip
ORIGINS: Json = {
    "id": example_of("id", "uuid"), "system": "tenancy", "table": "tenagree", "unit": "tenagree", "line": 17,
    "batch": 3, "run": 1, "read_at": example_of("", "instant"), "mapping_version": "5f2c9a", "key": "000123/01",
    "origins": [{"field": "start_date", "columns": ["cot"], "rule": "Date", "raw": {"cot": "2020-04-06"}}],
}  # fmt: skip
ORIGINS_OF_GOLDEN: Json = {"id": example_of("id", "uuid"), "origins": [
    {"field": "postcode", "value": "HB1 2AB", "stands": True, "rank": 1, "reason": "most trusted", "system": "stock",
     "trust": 0.9, "record": example_of("", "uuid"), "run": 1},
]}  # fmt: skip
