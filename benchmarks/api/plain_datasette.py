"""Datasette over a SQLite copy of the same rows, as an ASGI application for any number of uvicorn's workers."""

from __future__ import annotations

import os

from datasette.app import Datasette

app = Datasette(files=[], immutables=[os.environ["PEER_SQLITE"]], settings={"max_returned_rows": 500}).app()
