"""A network of its own whose only way out is a wire that nobody answers at and that is read: what leaves is counted."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
from collections import Counter
from ipaddress import ip_address

TUN = "/dev/net/tun"
SET_UP, TUN_OF_PACKETS = 0x400454CA, 0x0001 | 0x1000
"""The call that makes the interface, and that it hands over whole IP packets without a head of its own."""
NAME, OUR_OWN, LONGEST = "out", "192.0.2.1", 65_536
ALONE = ("unshare", "-n") if os.geteuid() == 0 else ("unshare", "-rn")
"""What a command begins with that is to run in a network of its own."""


class Wire:
    """The way out of this process's network; to be opened in a network of its own."""

    def __init__(self) -> None:
        self._file = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self._file, SET_UP, struct.pack("16sH", NAME.encode(), TUN_OF_PACKETS))
        for command in (
            "link set lo up", f"addr add {OUR_OWN}/32 dev {NAME}", f"link set {NAME} addrgenmode none",
            f"link set {NAME} txqueuelen 10000", f"link set {NAME} up", f"route add default dev {NAME}",
        ):  # fmt: skip
            subprocess.run(["ip", *command.split()], check=True, capture_output=True)

    def packets(self) -> Counter[str]:
        """How many packets have left since the last call, by where to."""
        found: Counter[str] = Counter()
        while True:
            try:
                packet = os.read(self._file, LONGEST)
            except BlockingIOError:
                return found
            to = packet[16:20] if packet[0] >> 4 == 4 else packet[24:40]
            found[str(ip_address(to))] += 1


def unable() -> str | None:
    """Why no network of its own can be made on this machine; None where it can."""
    test = "from tests.mirror.wire import Wire; Wire()"
    try:
        done = subprocess.run(
            [*ALONE, sys.executable, "-c", test], capture_output=True, text=True, check=False, timeout=60
        )
    except OSError as error:
        return f"no network namespace can be made: {error.strerror}"
    return f"no network namespace can be made: {done.stderr.strip()[-200:]}" if done.returncode else None
