"""Whether the API keeps to its own description: Schemathesis over every operation, Spectral over the document.

Spectral has OWASP's rules of API security and Zalando's REST guidelines (``node/.spectral.yaml``).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import httpx

from benchmarks.api import peers
from benchmarks.api.hub_server import Choice, token
from benchmarks.api.peers import HERE, node_home
from benchmarks.figures import keep
from benchmarks.peers import environment

DESCRIPTION = "/v1/openapi.json"
LEAST_CASES = 20_000
SEED = 20_261_122
PHASES = ("examples", "coverage", "fuzzing", "stateful")
ERROR = 0
"""Spectral's severity of an error; a warning is 1."""


def measure(choice: Choice, full: bool) -> None:
    """All phases: 20,000 cases and more in full, fewer in short."""
    with peers.hub(choice, []) as hub, tempfile.TemporaryDirectory() as at:
        base = f"http://127.0.0.1:{hub.server.port}"
        document = Path(at) / "openapi.json"
        document.write_bytes(httpx.get(f"{base}{DESCRIPTION}").raise_for_status().content)
        _lint(document)
        _fuzz(f"{base}{DESCRIPTION}", token(choice), Path(at), full)


def _lint(document: Path) -> None:
    home = node_home()
    command = [str(home / "node"), "node_modules/.bin/spectral", "lint", str(document), "-r", ".spectral.yaml",
               "-f", "json", "-D", "-q"]  # fmt: skip
    done = subprocess.run(command, check=False, cwd=home, capture_output=True, text=True)
    if not done.stdout.startswith("["):
        raise RuntimeError(f"Spectral does not tell what it found: {done.stderr.strip()[:500]}")
    errors = Counter(one["code"] for one in json.loads(done.stdout) if one["severity"] == ERROR)
    told = ", ".join(f"{code} {count}" for code, count in errors.most_common(12)) or "none"
    keep("api: contract, errors of Spectral", errors.total(), "errors", "0", not errors,
         f"spectral:oas, OWASP API security 2023, Zalando's REST guidelines; {told}")  # fmt: skip


def _fuzz(url: str, access: str, folder: Path, full: bool) -> None:
    report, python = folder / "report.json", environment(HERE)
    command = [
        str(python.with_name("st")), "--config-file", str(HERE / "schemathesis.toml"), "run", url,
        "-H", f"Authorization: Bearer {access}", "--workers", "1", "--phases", ",".join(PHASES),
        "--max-examples", "20" if full else "1", "--seed", str(SEED), "--no-color", "--suppress-health-check", "all",
        "--continue-on-failure", "--report", "json", "--report-json-path", str(report),
    ]  # fmt: skip
    hooks = {"SCHEMATHESIS_HOOKS": "made_up", "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        command, check=False, cwd=folder, env={**os.environ, **hooks}, capture_output=True, text=True
    )  # fmt: skip
    if not report.exists():
        raise RuntimeError(f"Schemathesis does not tell what it did: {(done.stderr or done.stdout)[-1_000:]}")
    told = json.loads(report.read_bytes())
    skipped = [name for name in PHASES if told["phases"][name]["status"] not in ("success", "failure")]
    if skipped or told["errors"] or not told["complete"]:
        raise RuntimeError(f"Schemathesis left something out: {', '.join(skipped) or told['errors']}")
    cases, failures = told["test_cases"]["generated"], told["test_cases"]["unique_failures"]
    kinds = ", ".join(sorted(set(re.findall(r"❌ (ST\d+ [^\n]+)", done.stdout)))) or "none"
    keep("api: contract, failures of Schemathesis", failures, "failures", "0", failures == 0,
         f"{', '.join(PHASES)}; all checks, {cases:,} cases; {kinds}")  # fmt: skip
    keep("api: contract, cases of Schemathesis", cases, "cases", f">= {LEAST_CASES:,}",
         cases >= LEAST_CASES if full else None, "all phases")  # fmt: skip
