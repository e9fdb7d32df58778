"""Whatever is sent to an operation, its answer is one that the description knows: never a fault of the API's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.api.test_scheduling import Service
from tests.scheduling.live import published, town

ALL = "scheduling:book scheduling:device scheduling:plan scheduling:read"
TEXTS = ["W05", "OP1", "a\0b", "", " ", "9" * 300, "../..", "%", "W90/EL", "ü 家"]
DAYS = ["2026-09-15", "0001-01-01", "9999-12-31", "soon"]
INSTANTS = ["2026-09-15T10:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-09-15T10:00:00", 5]
FORMATS: dict[str, list[Any]] = {"date": DAYS, "date-time": INSTANTS}
NUMBERS = [1, 0, -1, 2**53, 2**70, 1.5, "1", True]
SOUND: dict[str, Any] = {
    "order_ref": "W05", "other_ref": "W06", "by": "Ann Planner", "reason": "why", "operative_ref": "OP1",
    "offer": "2026-09-16.AM.W05", "latitude": 52.62, "longitude": -1.1, "trade": "PL", "minutes": 60, "hold": 1,
    "kind": "arrived", "url": "https://devices.example/hook",
}  # fmt: skip
"""What an operation needs beside the value that is odd."""
LEFT = frozenset({"/v1/scheduling/devices/{operative_ref}/stream"})  # its answer goes on


@pytest.fixture
def service(hub_url: str, tmp_path: Path, key: Ed25519PrivateKey) -> Iterator[Service]:
    published(hub_url, tmp_path, town())
    service = Service(hub_url, tmp_path, key)
    yield service
    service.close()


def odd(schema: dict[str, Any]) -> list[Any]:
    """Values for a member of that schema, a few that fit and many that do not."""
    kinds = [each for each in schema.get("anyOf", [schema]) if each.get("type") != "null"]
    found: list[Any] = [None, {}, []]
    for kind in kinds:
        if kind.get("type") == "string":
            found += FORMATS.get(kind.get("format", ""), [*kind.get("enum", []), *TEXTS])
        elif kind.get("type") == "array":
            found += [[each] for each in TEXTS]
        else:
            found += NUMBERS
    return found


def asked(path: str, operation: dict[str, Any], schemas: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Addresses and bodies for an operation, one value odd at a time."""
    parameters = operation.get("parameters", [])
    sound = {one["name"]: SOUND.get(one["name"], "2026-09-15" if one["name"] == "date" else "1") for one in parameters}
    body: dict[str, Any] | None = None
    if "requestBody" in operation:
        ref = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
        model = schemas[ref.rpartition("/")[2]]
        body = {name: SOUND[name] for name in model["properties"] if name in model.get("required", []) or name == "by"}
        for name, schema in model["properties"].items():
            for value in odd(schema):
                yield _address(path, parameters, sound), {**body, name: value}
        yield _address(path, parameters, sound), []
    for one in parameters:
        for value in odd(one["schema"]):
            if one["in"] != "header" and isinstance(value, str | int | float):
                yield _address(path, parameters, {**sound, one["name"]: value}), body


def _address(path: str, parameters: list[dict[str, Any]], values: dict[str, Any]) -> str:
    query = []
    for one in parameters:
        text = quote(str(values[one["name"]]), safe="")
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", text)
        elif one["in"] == "query":
            query.append(f"{one['name']}={text}")
    return f"{path}?{'&'.join(query)}"


def test_nothing_that_is_sent_is_a_fault_of_the_api(service: Service) -> None:
    told = service.ask("GET", "/v1/scheduling/openapi.json").json()
    operations = [(path, method, one) for path, each in told["paths"].items() for method, one in each.items()]
    faults, statuses = [], Counter[int]()
    for path, method, operation in operations:
        for address, body in asked(path, operation, told["components"]["schemas"]) if path not in LEFT else ():
            answer = service.ask(method.upper(), address, body, ALL)  # raises where it is not as it is described
            statuses[answer.status_code] += 1
            if answer.status_code >= 500:
                faults.append((method, address, body, answer.status_code))
    assert faults == []
    assert service.lost == [0]  # the desk is still the same one
    assert statuses.total() > 500
    assert not statuses[429]
    assert statuses[200] > 50
    assert {path for path, *_ in operations} > LEFT
