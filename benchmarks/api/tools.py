"""The programs of Debian that the benchmark needs beside its locked packages: installed where that may be done."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

INSTALL = Path(__file__).parents[2] / "tests" / "install-services.sh"
TOOLS = {"wrk": "wrk", "npm": "npm"}
"""Program -> package of Debian."""


def missing() -> frozenset[str]:
    """The programs that are not there and could not be installed; why is printed, and what to do."""
    if any(shutil.which(program) is None for program in TOOLS):
        subprocess.run([str(INSTALL), *(f"{program} {package}" for program, package in TOOLS.items())], check=True)
    return frozenset(program for program in TOOLS if shutil.which(program) is None)
