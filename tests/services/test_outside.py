"""The door to the outside: what shuts it, and that nobody has another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import outside
from services.outside import Mirror, mirror_of

ROOT = Path(__file__).parents[2]
ROOMS = (
    "api", "canonical_model", "cli", "connectors", "flows", "identity", "ledger", "loading", "mappings", "mirror",
    "reconciliation", "scheduling", "services", "settings", "validation",
)  # fmt: skip
REACHING = {"aiohttp", "ftplib", "http.client", "httpx", "paramiko", "requests", "smtplib", "socket", "telnetlib",
            "urllib.request", "zeep"}  # fmt: skip
"""Libraries that reach another machine."""
ASKING = {
    "api/deliveries.py", "api/oidc.py", "api/scheduling/confirmations.py", "connectors/soap_client.py",
    "connectors/ssh.py",
}  # fmt: skip
"""Send, and ask at the door first; so does connectors/sql.py, whose drivers SQLAlchemy loads."""
AT_HOME = {
    "api/scheduling/server.py": "serves at a socket that it is given",
    "api/workers.py": "serves at a socket that it is given",
    "cli/api.py": "asks the API that it has just started",
    "cli/schedule_decisions.py": "asks the desk of this hub",
    "cli/served.py": "asks the server that it has just started",
    "connectors/scheduler_soap.py": "reads and writes messages, and sends none",
    "connectors/sftp.py": "types of connectors/ssh.py, which makes the connection",
    "flows/deployments.py": "faults of the client of Prefect, which is the hub's own",
    "scheduling/store.py": "asks what this machine is called",
    "services/prefect_server.py": "asks the hub's Prefect server whether it is up",
}


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    outside._over = None


def imported(path: Path) -> set[str]:
    """The modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found | {name.partition(".")[0] for name in found}


def test_whoever_can_reach_another_machine_is_known_and_asks_at_the_door() -> None:
    reaching = set()
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if imported(path) & REACHING:
                reaching.add(path.relative_to(ROOT).as_posix())
    assert reaching == ASKING | set(AT_HOME)
    for name in ASKING | {"connectors/sql.py"}:
        assert "outside.require(" in (ROOT / name).read_text("utf-8"), name


def test_a_mark_says_which_mirror_it_is_of() -> None:
    assert mirror_of('TEST DATA {"build": "b1", "profile": "demo", "test_data": "TEST DATA"}') == Mirror("b1", "demo")
    assert mirror_of("TEST DATA") == Mirror("", "")
    assert mirror_of('TEST DATA {"build": "b1"') == Mirror("", "")
    assert mirror_of("a remark of somebody's") is None
    assert mirror_of("") is mirror_of(None) is None


def test_once_shut_the_door_stays_shut() -> None:
    outside.require("SOAP")
    assert outside.heed("TEST DATA {}")
    outside.heed(None)
    with pytest.raises(outside.Shut, match="drs, mirror: a mirror sends nothing: SOAP is closed"):
        outside.require("SOAP", system="drs")
