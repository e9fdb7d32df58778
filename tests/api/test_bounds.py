"""What every operation shares stands in the description without being said again."""

from __future__ import annotations

from api.bounds import LONGEST_TEXT, bounded
from api.openapi import document
from api.schemas import TYPES

PART = {"get": {"parameters": [{"name": "identity", "in": "path", "schema": {"type": "string"}}], "responses": {
    "200": {"description": "It", "content": {"application/json": {"schema": {}}}}, "422": {"description": "no"},
}}}  # fmt: skip


def test_every_text_and_number_has_a_bound_and_every_operation_its_problems() -> None:
    plain = document("http://hub/oauth/token", {"/v1/part/{identity}": PART})
    made = bounded(plain)
    part = made["paths"]["/v1/part/{identity}"]["get"]
    assert part["parameters"][0]["schema"] == {"type": "string", "format": "uuid", "maxLength": 36}
    assert part["responses"]["200"]["content"]["application/json"]["schema"] == {"type": "object"}
    assert {"default", "400", "401", "403", "404", "429", "503"} <= set(part["responses"])
    assert "422" not in part["responses"]
    person = made["components"]["schemas"]["People"]["properties"]
    assert person["record_count"]["format"] == "int64"
    assert made["components"]["responses"]["429"]["headers"].keys() == {"RateLimit", "Retry-After"}
    assert TYPES["text"] == {"type": "string"}, "the parts themselves stay as they are"
    assert LONGEST_TEXT in {schema.get("maxLength") for schema in person.values()}
