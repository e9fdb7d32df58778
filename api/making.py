"""Makes bulk exports: those that wait stand in the database, a worker makes one at a time, and files go in time.

An export that a killed worker left is taken up by the next: its lock goes with the worker.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import astuple
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from sqlalchemy import make_url

from api.asking import OF_A_LIST, Question, question
from api.copying import Column, Job
from api.scopes import Sight, every_scope
from api.service import Service
from canonical_model import bulk, changes
from canonical_model.resources import RESOURCES

LOOK_SECONDS = 20.0
FORGET_DAYS = 30
"""So long one is told that an export has expired."""
QUERIES = {"ndjson": bulk.json_lines, "csv": bulk.harmless_columns, "parquet": bulk.plain_columns}
log = logging.getLogger("api.exports")

WAITING = "SELECT id FROM api.export WHERE status = 'waiting' ORDER BY asked_at"
TAKE = "SELECT pg_try_advisory_lock(hashtextextended($1::text, 0))"
LEAVE = "SELECT pg_advisory_unlock(hashtextextended($1::text, 0))"
STILL_WAITING = "SELECT * FROM api.export WHERE id = $1 AND status = 'waiting'"
READY = """
UPDATE api.export SET status = 'ready', manifest = $2::text::json, ready_at = now(), expires_at = now() + $3
WHERE id = $1 RETURNING id
"""
FAILED = "UPDATE api.export SET status = 'failed', fault = $2 WHERE id = $1"
EXPIRE = "UPDATE api.export SET status = 'expired' WHERE status = 'ready' AND expires_at < now() RETURNING id"
FORGET = "DELETE FROM api.export WHERE status <> 'waiting' AND asked_at < now() - $1::interval"


class Maker:
    """Makes the exports that wait, one at a time, and removes those that have expired."""

    def __init__(self, service: Service, folder: Path) -> None:
        self._service, self._folder = service, folder
        self._asked = asyncio.Event()

    def folder_of(self, export: UUID) -> Path:
        return self._folder / str(export)

    def wake(self) -> None:
        """Something waits."""
        self._asked.set()

    async def work(self) -> None:
        """Makes and removes until it is cancelled."""
        while True:
            self._asked.clear()
            try:
                await self._tidy()
                await self._make_all()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                log.warning("exports have to wait: %s", type(error).__name__)  # the database is away: look again
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), LOOK_SECONDS)

    async def _make_all(self) -> None:
        async with self._service.pool.acquire() as connection:
            for row in await connection.fetch(WAITING):
                if await connection.fetchval(TAKE, str(row["id"])):
                    try:
                        if (export := await connection.fetchrow(STILL_WAITING, row["id"])) is not None:
                            await self._make(connection, export)
                    finally:
                        await connection.execute(LEAVE, str(row["id"]))

    async def _make(self, connection: Any, export: Mapping[str, Any]) -> None:
        folder = self.folder_of(export["id"])
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        job = job_of(self._service, export, folder / f"part-1.{export['format']}")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "api.copying",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            told, said = await process.communicate(pickle.dumps(job))
        except asyncio.CancelledError:
            process.kill()
            raise
        if process.returncode:
            # its last line may quote a value; the name of the fault before the colon never does
            fault = said.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0][:100]
            fault = fault or f"its process ended with {process.returncode}"  # as one that the system stopped does
            log.error("an export could not be made: %s", fault)
            shutil.rmtree(folder, ignore_errors=True)
            await connection.execute(FAILED, export["id"], fault)
            return
        if await connection.fetchval(READY, export["id"], told.decode(), self._keep_for()) is None:
            shutil.rmtree(folder, ignore_errors=True)  # it was taken back meanwhile

    async def _tidy(self) -> None:
        pool = self._service.pool
        for row in await pool.fetch(EXPIRE):
            await asyncio.to_thread(shutil.rmtree, self.folder_of(row["id"]), ignore_errors=True)
        await pool.execute(FORGET, timedelta(days=FORGET_DAYS))

    def _keep_for(self) -> timedelta:
        return timedelta(hours=self._service.settings.export_hours)


@asynccontextmanager
async def exporting(state: Any, service: Service) -> AsyncIterator[None]:
    """Makes exports as long as the context lasts, where the API has a folder for them."""
    if service.settings.folder is None:
        yield
        return
    state.maker = Maker(service, service.settings.folder / "exports")
    working = asyncio.create_task(state.maker.work())
    try:
        yield
    finally:
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


def job_of(service: Service, export: Mapping[str, Any], file: Path) -> Job:
    """What has to be copied for an export."""
    asked = question_of(export)
    url = make_url(service.settings.database_url)
    connect = {
        "host": url.query.get("host", url.host), "port": int(str(url.query.get("port", url.port or 5432))),
        "user": url.username, "password": url.password, "database": url.database,
    }  # fmt: skip
    query = QUERIES[export["format"]](asked.resource, asked.fields, asked.filters)
    types = tuple(Column(*astuple(one)) for one in bulk.column_types(asked.resource, asked.fields))
    return Job(
        connect, service.settings.role, query.sql, query.args, export["format"], types, file, bulk.LAST_RUN,
        changes.HORIZON, bulk.LIST_MARK,
    )  # fmt: skip


def question_of(export: Mapping[str, Any]) -> Question:
    """What an export that was let through asks for."""
    resource = RESOURCES[export["resource"]]
    sight = Sight(resource, frozenset(every_scope()), resource.fields)
    return question(sight, {**orjson.loads(export["filters"]), "fields": ",".join(export["fields"])}, OF_A_LIST)
