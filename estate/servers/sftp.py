"""An SFTP server over a folder, as a bank or a bureau runs one: read-only, and it can be told to fail."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED
from paramiko.sftp import SFTP_CONNECTION_LOST, SFTP_NO_SUCH_FILE, SFTP_PERMISSION_DENIED


@dataclass(frozen=True)
class SftpAddress:
    """Where the server answers. ``host_key`` is its key's fingerprint (``SHA256:...``)."""

    host: str
    port: int
    user: str
    host_key: str

    @property
    def url(self) -> str:
        """The root folder as an ``sftp://`` URL."""
        return f"sftp://{self.user}@{self.host}:{self.port}/"


class SftpServer:
    """Serves ``root`` on a free port of 127.0.0.1 until it is stopped.

    ``key_file`` keeps the host key from one start to the next; without it each server has its own.
    """

    def __init__(self, root: Path, *, user: str, password: str, key_file: Path | None = None) -> None:
        self.root, self.user, self.password = root.resolve(), user, password
        self.host_key = _host_key(key_file)
        self.extra_names: tuple[str, ...] = ()
        """Names that listings show beside the folder's own: no file system would hold them."""
        self.drop_after_bytes: int | None = None
        """So many bytes of content are served, then the connection is cut, once."""
        self.seconds_per_read = 0.0
        self.bytes_served = 0
        self._transports: list[paramiko.Transport] = []
        # Clients that go away are the daily bread of this server: no stack traces for them.
        logging.getLogger("estate.servers.sftp.wire").setLevel(logging.CRITICAL + 1)

    def start(self) -> SftpAddress:
        """The address, once connections are accepted."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, name="sftp server", daemon=True).start()
        host, port = self._listener.getsockname()
        return SftpAddress(host, port, self.user, self.host_key.fingerprint)

    def stop(self) -> None:
        """Ends the server and its connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for connections
        self._listener.close()
        for transport in self._transports:
            transport.close()

    def __enter__(self) -> Self:
        self.address = self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def served(self, count: int) -> bool:
        """True where so many more bytes may go out before the connection is to be cut."""
        self.bytes_served += count
        time.sleep(self.seconds_per_read)
        if self.drop_after_bytes is None or self.bytes_served <= self.drop_after_bytes:
            return True
        self.drop_after_bytes = None
        for transport in self._transports:
            transport.sock.close()
        return False

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # the listener was closed
                return
            transport = paramiko.Transport(connection)
            transport.set_log_channel("estate.servers.sftp.wire")
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Folder, serving=self)
            self._transports.append(transport)
            with suppress(paramiko.SSHException, EOFError, OSError):  # a client that went away at once
                transport.start_server(server=_Login(self.user, self.password))


def _host_key(key_file: Path | None) -> paramiko.PKey:
    if key_file is not None and key_file.exists():
        return paramiko.ECDSAKey.from_private_key_file(str(key_file))
    key = paramiko.ECDSAKey.generate()
    if key_file is not None:
        key_file.parent.mkdir(parents=True, exist_ok=True)
        key_file.touch(mode=0o600)
        key.write_private_key_file(str(key_file))
    return key


class _Login(paramiko.ServerInterface):
    def __init__(self, user: str, password: str) -> None:
        self.user, self.password = user, password

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (self.user, self.password)
        return AUTH_SUCCESSFUL if right else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


class _Folder(paramiko.SFTPServerInterface):
    """The server's root as its clients see it: every path is resolved and must stay inside."""

    def __init__(self, login: paramiko.ServerInterface, *args: object, serving: SftpServer) -> None:
        super().__init__(login, *args)
        self.serving = serving

    def _inside(self, path: str) -> Path | None:
        place = (self.serving.root / path.lstrip("/")).resolve()
        return place if place.is_relative_to(self.serving.root) else None

    def list_folder(self, path: str) -> list[paramiko.SFTPAttributes] | int:
        place = self._inside(path)
        if place is None or not place.is_dir():
            return SFTP_NO_SUCH_FILE
        entries = [
            paramiko.SFTPAttributes.from_stat(entry.stat(follow_symlinks=False), entry.name)
            for entry in os.scandir(place)
        ]
        for name in self.serving.extra_names:
            entry = paramiko.SFTPAttributes.from_stat(place.stat(), name)
            entry.st_mode, entry.st_size = 0o100644, 1
            entries.append(entry)
        return entries

    def stat(self, path: str) -> paramiko.SFTPAttributes | int:
        place = self._inside(path)
        if place is None or not place.exists():
            return SFTP_NO_SUCH_FILE
        return paramiko.SFTPAttributes.from_stat(place.stat())

    lstat = stat

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle | int:
        place = self._inside(path)
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            return SFTP_PERMISSION_DENIED
        if place is None or not place.is_file():
            return SFTP_NO_SUCH_FILE
        return _File(place, self.serving)


class _File(paramiko.SFTPHandle):
    def __init__(self, place: Path, serving: SftpServer) -> None:
        super().__init__(os.O_RDONLY)
        self.file, self.serving = place.open("rb"), serving

    def read(self, offset: int, length: int) -> bytes | int:
        self.file.seek(offset)
        content = self.file.read(length)
        return content if self.serving.served(len(content)) else SFTP_CONNECTION_LOST

    def stat(self) -> paramiko.SFTPAttributes:
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.file.fileno()))

    def close(self) -> None:
        self.file.close()
        super().close()
