"""What every operation shares stands in the description without being said again."""

from __future__ import annotations

from api.asking import LONGEST_VALUE
from api.bounds import LONGEST_TEXT, bounded
from api.openapi import document
from api.schemas import TYPES


def test_every_text_and_number_has_a_bound_and_every_operation_its_problems() -> None:
    plain = document("http://hub/oauth/token")
    made = bounded(plain)
    part = made["paths"]["/v1/exports/{id}"]["get"]
    assert part["responses"]["200"]["headers"]["RateLimit"]
    assert {"default", "400", "401", "403", "404", "429", "503"} <= set(part["responses"])
    assert made["components"]["parameters"]["id"]["schema"]["maxLength"] == 36
    sent = made["paths"]["/v1/exports"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert sent["filters"]["additionalProperties"]["maxLength"] == LONGEST_VALUE
    person = made["components"]["schemas"]["People"]["properties"]
    assert person["record_count"]["format"] == "int64"
    assert made["components"]["responses"]["429"]["headers"].keys() == {"RateLimit", "Retry-After"}
    assert TYPES["text"] == {"type": "string"}, "the parts themselves stay as they are"
    assert LONGEST_TEXT in {schema.get("maxLength") for schema in person.values()}
