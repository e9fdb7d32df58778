"""How much one client may ask: a bucket of tokens that refills, and the headers that tell of it.

The headers are those of the IETF draft on RateLimit fields: ``RateLimit-Policy`` and ``RateLimit``.
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
        self.policy = f'"client";q={burst};w={math.ceil(burst / self._rate)}'

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
                headers={
                    "retry-after": str(wait),
                    "ratelimit": f'"client";r=0;t={wait}',
                    "ratelimit-policy": self.policy,
                },
            )
        if len(self._buckets) >= MOST_CLIENTS:
            self._buckets.clear()
        self._buckets[client] = (left - cost, now)
        return f'"client";r={int(left - cost)};t={math.ceil((self._burst - left + cost) / self._rate)}'
