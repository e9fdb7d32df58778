"""Code compiled from older modules never runs, and is removed when nobody uses it any more."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scheduling.engine import compiled

FIRST = "from scheduling.engine.compiled import compiled\n\n\n@compiled\ndef inner(x):\n    return x + {0}\n"
SECOND = "from inner import inner\nfrom scheduling.engine.compiled import compiled\n\n\n"
SECOND += "@compiled\ndef outer(x):\n    return inner(x)\n"
CONSTANTS = "@compiled\ndef outer(x):\n    return inner(1) + inner(2) + inner(x)\n"
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


@pytest.mark.slow
def test_a_function_is_compiled_once_whatever_constants_it_is_called_with(tmp_path: Path) -> None:
    (tmp_path / "inner.py").write_text(FIRST.format(1))
    (tmp_path / "outer.py").write_text(SECOND[: SECOND.index("@compiled")] + CONSTANTS)
    asked = [sys.executable, "-c", ASK, str(tmp_path)]
    found = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert int(found.stdout) == 2 + 3 + 2
    assert len(list((tmp_path / "kept").glob("compiled-inner-*/*/inner*.nbc"))) == 1


def test_what_compiled_code_alone_may_call_nothing_else_calls() -> None:
    texts = [ast.parse(path.read_text()) for path in sorted(Path(compiled.__file__).parent.glob("*.py"))]
    functions = [node for text in texts for node in ast.walk(text) if isinstance(node, ast.FunctionDef)]
    ways = {node: {ast.unparse(each) for each in node.decorator_list} for node in functions}
    inner = {node.name for node, way in ways.items() if way & {"within", "inlined"}}
    outer = {node.name for node, way in ways.items() if "compiled" in way}
    assert inner
    for node, way in ways.items():
        if not way & {"compiled", "within", "inlined"}:
            called = {
                each.func.id
                for each in ast.walk(node)
                if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)
            }
            assert not (called & inner) - outer, f"{node.name} calls what has no way in from Python"


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
