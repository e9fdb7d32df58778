"""A small web server for the hub's pages: this machine only, and it only reads."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

HOST = "127.0.0.1"
USUAL_PORT = 4280


class PagesServer:
    """Serves the folder's files until it is stopped; a context manager that gives itself, with ``url``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self) -> str:
        """The address of the folder's index, once it answers: at the usual port or another that is free."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handler = partial(_Handler, directory=str(self.folder))
        try:
            self._http = ThreadingHTTPServer((HOST, USUAL_PORT), handler)
        except OSError:  # another program has it
            self._http = ThreadingHTTPServer((HOST, 0), handler)
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.05,), name="pages", daemon=True).start()
        return f"http://{HOST}:{self._http.server_port}/"

    def stop(self) -> None:
        """Ends the server."""
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        self.url = self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler(SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")  # the next run writes the pages anew
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Nothing: the terminal shows runs."""
