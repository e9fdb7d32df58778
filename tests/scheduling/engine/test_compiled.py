"""Code compiled from older modules never runs, and is removed when nobody uses it any more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduling.engine import compiled

FIRST = "from scheduling.engine.compiled import compiled\n\n\n@compiled\ndef inner(x):\n    return x + {0}\n"
SECOND = "from inner import inner\nfrom scheduling.engine.compiled import compiled\n\n\n"
SECOND += "@compiled\ndef outer(x):\n    return inner(x)\n"
ASK = """
import sys
from pathlib import Path
from scheduling.engine import compiled
here = Path(sys.argv[1])
compiled.parents = lambda: (here / "kept",)
sys.path.insert(0, str(here))
from outer import outer
print(outer(1))
"""


@pytest.mark.slow
def test_a_function_runs_what_another_module_says_now(tmp_path: Path) -> None:
    (tmp_path / "outer.py").write_text(SECOND)
    for number in (1, 20):
        (tmp_path / "inner.py").write_text(FIRST.format(number))
        asked = [sys.executable, "-c", ASK, str(tmp_path)]
        found = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
        assert int(found.stdout) == 1 + number
    assert len(list((tmp_path / "kept").glob("compiled-outer-*/*/outer*.nbc"))) == 2


def test_each_text_has_a_folder_of_its_own_and_what_nobody_used_for_long_goes(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("a = 1\n")
    kept = tmp_path / "kept"
    first = compiled.folder(tmp_path / "one.py", (kept,), 1_000)
    assert compiled.folder(tmp_path / "one.py", (kept,), 2_000) == first
    (tmp_path / "one.py").write_text("a = 2\n")
    second = compiled.folder(tmp_path / "one.py", (kept,), 3_000)
    assert first.exists()
    third = compiled.folder(tmp_path / "one.py", (kept,), 2_001 + compiled.FORGOTTEN_S)
    assert third == second != first
    assert not first.exists()


def test_where_the_installation_cannot_be_written_the_users_own_folder_serves(tmp_path: Path) -> None:
    in_the_way = tmp_path / "installed"
    (tmp_path / "one.py").write_text("a = 1\n")
    in_the_way.write_text("a file, so nothing can be made in it, not even by root")
    assert compiled.folder(tmp_path / "one.py", (in_the_way, tmp_path / "own"), 0).parent == tmp_path / "own"
    alone = compiled.folder(tmp_path / "one.py", (in_the_way,), 0)
    assert alone.is_dir()
    alone.rmdir()


def test_a_folder_that_was_named_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compiled.SETTINGS, "CACHE_DIR", str(tmp_path))
    monkeypatch.setitem(os.environ, "XDG_CACHE_HOME", "/srv/cache")
    assert compiled.parents()[0] == tmp_path
    assert compiled.parents()[-1] == Path("/srv/cache/housing-hub")
