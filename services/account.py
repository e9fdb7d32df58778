"""The user that the embedded servers run as. PostgreSQL refuses root, so root steps down."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.errors import ConfigurationFault

SERVICE_USERS = ("housing-hub", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine; ``other`` where it is not the one that this process runs as."""

    name: str
    uid: int
    gid: int
    other: bool

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """The finished command, run as this user with an environment of its own and private new files."""
        become = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.other else {}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
            cwd="/", env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}, umask=0o077, **become,
        )  # fmt: skip

    def can_enter(self, folder: Path) -> bool:
        """Whether this user can pass through the folder and all above it."""
        return self.run(["test", "-x", str(folder)]).returncode == 0

    def can_run(self, program: Path) -> bool:
        """Whether this user can run the program; it must know ``--version``."""
        try:
            return self.run([str(program), "--version"]).returncode == 0
        except OSError:
            return False

    def own(self, folder: Path) -> None:
        """Makes the folder this user's alone."""
        if not self.owns(folder):
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)

    def owns(self, folder: Path) -> bool:
        """Whether the folder is there and belongs to this user."""
        return folder.is_dir() and folder.stat().st_uid == self.uid


def service_account(data: Path, users: Sequence[str] = SERVICE_USERS) -> Account:
    """Who runs a server over the data folder: this user; as root, the folder's owner or the first of ``users``.

    Raises ConfigurationFault where the machine has no such user.
    """
    mine = os.geteuid()
    if mine != 0:
        return _account(mine, other=False)
    if data.exists() and data.stat().st_uid != 0:
        return _account(data.stat().st_uid, other=True)
    for name in users:
        try:
            return _account(pwd.getpwnam(name).pw_uid, other=True)
        except KeyError:
            continue
    raise ConfigurationFault(
        "PostgreSQL does not run as root, and this machine has no user to run it as.",
        system="database",
        next_step="run 'useradd --system housing-hub', or run the hub as an ordinary user.",
    )


def _account(uid: int, *, other: bool) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise ConfigurationFault(
            f"the user {uid} has no entry in /etc/passwd, and PostgreSQL needs one.",
            system="database",
            next_step=f"run 'useradd --uid {uid} housing-hub' as root.",
        ) from None
    return Account(entry.pw_name, uid, entry.pw_gid, other)
