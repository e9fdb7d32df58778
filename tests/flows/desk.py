"""The ``hub`` command as a person types it, and what must hold whatever the person points it at."""

from __future__ import annotations

import gc
import io
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from canonical_model.tables import metadata
from cli import main as command
from loading.load import connect
from services.databases import create_database, drop_database

CANARY = "Quillfeather"
"""A name planted in the sources. No output, page, progress or file name may show it."""

FATES = ("loaded", "unchanged", "merged", "quarantined", "excluded")


@dataclass(frozen=True)
class Answer:
    """What a command printed, its lines joined to one, and its exit code."""

    code: int
    text: str


@dataclass(frozen=True)
class Desk:
    """A ``hub.toml`` in ``folder`` over a database. ``settings`` are further lines of it."""

    folder: Path
    database_url: str
    settings: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "hub.toml"

    def type(self, *words: object) -> Answer:
        """Types ``hub`` and these words."""
        if not self.config.exists():
            self.config.write_text(f'[hub]\nfolder = "var"\n[database]\nurl = "{self.database_url}"\n{self.settings}')
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed), redirect_stderr(printed):
            patch.setattr(sys, "argv", ["hub", *map(str, words), "--config", str(self.config)])
            for name, value in self.environment.items():
                patch.setenv(name, value)
            code = 0
            try:
                command.main()
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
        return Answer(code, " ".join(printed.getvalue().split()))

    def migrates(self, system: str, source: object) -> Answer:
        """A run that finishes with closed books and shows nobody's name."""
        answer = self._migrate(system, source)
        assert answer.code == 0, answer.text
        return answer

    def refuses(self, system: str, source: object, *said: str) -> Answer:
        """A run that stops with one message, leaves canonical rows as they stood, and whose books close."""
        before = self.standing()
        answer = self._migrate(system, source)
        assert answer.code == 1, answer.text
        assert answer.text.count(f"{system} stopped: ") == 1, answer.text
        message = answer.text.partition(f"{system} stopped: ")[2]
        assert not [words for words in (*said, "Next step: ") if words not in message], message
        assert self.standing() == before
        return answer

    def issues(self, system: str) -> dict[str, int]:
        """Standing issues of the last batches by code, without the system's name."""
        with connect(self.database_url) as connection:
            found = connection.execute(
                "SELECT i.code, count(*) FROM restricted.issue i JOIN ledger.batch b ON b.id = i.batch_id "
                "WHERE i.closed_run_id IS NULL AND b.system = %s GROUP BY 1",
                (system,),
            ).fetchall()
        return {str(code).removeprefix(f"{system.upper()}-"): int(str(count)) for code, count in found}

    def books(self) -> list[dict[str, Any]]:
        """The last run's reconciliation, as ``hub reconcile --json`` prints it; every line closes."""
        lines: list[dict[str, Any]] = json.loads(self.type("reconcile", "--json").text)
        for line in lines:
            assert line["extracted"] == sum(line[fate] for fate in FATES), line
            assert line["closes"], line
        return lines

    def standing(self) -> dict[str, int]:
        """How many canonical rows have not ended, by table."""
        with connect(self.database_url) as connection:
            return {
                name: int(str(found[0]))
                for name in sorted(metadata.tables)
                if name.startswith("canonical.") and "ended_run_id" in metadata.tables[name].columns
                if (found := connection.execute(f"SELECT count(*) FROM {name} WHERE ended_run_id IS NULL").fetchone())
            }

    def _migrate(self, system: str, source: object) -> Answer:
        last = self._last_run()
        answer = self.type("migrate", "--system", system, *(["--source", source] if source else []))
        assert "Traceback" not in answer.text and "the hub itself failed" not in answer.text, answer.text
        assert {line["run"] for line in self.books()} <= {last + 1}
        self._shows_nobody(answer.text, self.type("status").text)
        return answer

    def _last_run(self) -> int:
        with connect(self.database_url) as connection:
            found = connection.execute("SELECT coalesce(max(id), 0) FROM ledger.run").fetchone()
        return int(str(found[0])) if found else 0

    def _shows_nobody(self, *texts: str) -> None:
        state = self.folder / "var"
        pages = [path for room in ("docs", "progress") for path in (state / room).rglob("*") if path.is_file()]
        for text in (*texts, *(page.read_text("utf-8") for page in pages), *map(str, state.rglob("*"))):
            assert CANARY.casefold() not in text.casefold()


@dataclass(frozen=True)
class Shop:
    """Where desks come from: a finished first run of a system's good source, copied for each test."""

    postgres: str
    empty_hub: str
    folder: Path
    finished: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def desk(self, folder: Path, system: str = "", make: Callable[[Path], object] | None = None) -> Iterator[Desk]:
        """A desk in ``folder``; with ``make`` the good source is in ``folder/source`` and migrated already."""
        name = f"desk_{folder.parent.name}_{folder.name}".replace("-", "_").lower()[-60:]
        if make:
            self._first_run(system, make)
            shutil.copytree(self.folder / system, folder, dirs_exist_ok=True, symlinks=True)
            (folder / "hub.toml").unlink()
        template = self.finished.get(system, self.empty_hub)
        yield Desk(folder, create_database(self.postgres, name, template=template))
        drop_database(self.postgres, name)

    def _first_run(self, system: str, make: Callable[[Path], object]) -> None:
        if system in self.finished:
            return
        folder = self.folder / system
        folder.mkdir()
        desk = Desk(folder, create_database(self.postgres, f"good_{system}", template=self.empty_hub))
        source = make(folder / "source") or folder / "source"
        desk.migrates(system, source)
        assert any(desk.standing().values())
        gc.collect()  # Great Expectations lets go of its connection no sooner, and a template may have none
        self.finished[system] = f"good_{system}"
