"""How much one client may ask, and how much all may at once.

A client has a bucket of tokens that refills; the headers that tell of it are those of the IETF draft on RateLimit
fields: ``RateLimit-Policy`` and ``RateLimit``.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from api.problems import Problem

MOST_CLIENTS = 10_000


class Limits:
    """One worker's buckets. ``per_minute`` requests flow in, at most ``burst`` are saved up."""

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = per_minute / 60, burst, clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self.policy = policy(per_minute, burst)

    def take(self, client: str, cost: float = 1) -> str:
        """Takes from the client's bucket; gives the value of the RateLimit header. Raises Problem 429."""
        now = self._clock()
        left, since = self._buckets.get(client, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        if left < cost:
            wait = math.ceil((cost - left) / self._rate)
            raise Problem(
                "too-many-requests",
                f"The client has used what it may ask for now. Ask again in {wait} s.",
                headers={"retry-after": str(wait), "ratelimit": f'"client";r=0;t={wait}'},
            )
        if len(self._buckets) >= MOST_CLIENTS:
            self._buckets.clear()
        self._buckets[client] = (left - cost, now)
        return f'"client";r={int(left - cost)};t={math.ceil((self._burst - left + cost) / self._rate)}'


def policy(per_minute: int, burst: int) -> str:
    """The value of the RateLimit-Policy header: so many requests in so many seconds."""
    return f'"client";q={burst};w={math.ceil(burst * 60 / per_minute)}'


class Crowd:
    """The requests that a worker answers at the same time; one more than ``most`` is turned away at no cost."""

    def __init__(self, most: int) -> None:
        self._most, self._inside = most, 0

    def __enter__(self) -> None:
        """Raises Problem 503 where there is no room."""
        if self._inside >= self._most:
            raise Problem(
                "unavailable", "Too many requests are being answered. Ask again soon.", headers={"retry-after": "1"}
            )
        self._inside += 1

    def __exit__(self, *_: object) -> None:
        self._inside -= 1
