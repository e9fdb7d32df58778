"""Peers' own locked environments, made where they are missing: nothing of theirs is in the product's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

UV = Path(sys.prefix) / "bin" / "uv"


def environment(folder: Path) -> Path:
    """The Python of the environment that ``folder/requirements.txt`` locks."""
    home = folder / ".venv"
    python = home / "bin" / "python"
    stamp = home / ".locked"
    lock = (folder / "requirements.txt").read_text("utf-8")
    if not stamp.exists() or stamp.read_text("utf-8") != lock:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        sync = [str(UV), "pip", "sync", "-q", "--require-hashes", str(folder / "requirements.txt")]
        subprocess.run(sync, check=True, env={**os.environ, "VIRTUAL_ENV": str(home)})
        stamp.write_text(lock, "utf-8")
    return python
