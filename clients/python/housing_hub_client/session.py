"""The way to the API: tokens, ETags, patience where it asks for it, and its refusals as exceptions."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

RENEW_SECONDS = 30.0
"""A token is renewed so long before it expires."""
TRIES = 5
PATIENCE_SECONDS = 60.0
"""The longest wait between two tries, whatever the API says."""
KEPT_ANSWERS, LARGEST_KEPT = 1_000, 64_000
"""So many answers are remembered, each of so many bytes at most."""


class Refused(Exception):
    """The API's problem document (RFC 9457). ``members`` are all that it says, such as the scope that is missing."""

    def __init__(self, status: int, title: str, detail: str, members: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail, self.members = status, title, detail, members


class Session:
    """Asks the API as one client. Answers that were not changed are not sent twice: their ETags are remembered.

    ``token`` is an access token of any issuer; without it ``client_id`` and ``client_secret`` get one of the hub's.
    ``purpose`` is what personal data is read for, as the audit keeps it. ``http`` is any httpx client.
    """

    def __init__(
        self,
        url: str,
        client_id: str = "",
        client_secret: str = "",
        *,
        token: str | None = None,
        purpose: str | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._http = http or httpx.Client(timeout=30)
        self._url, self._credentials, self._purpose = url.rstrip("/"), (client_id, client_secret), purpose
        self._token, self._expires = token, float("inf") if token else 0.0
        self._answers: OrderedDict[str, httpx.Response] = OrderedDict()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The JSON of an answer; the remembered one where the API says that it still holds. Raises Refused."""
        key = str(httpx.URL(path, params=dict(parameters or {})))
        known = self._answers.get(key)
        answer = self.ask("GET", key, {} if known is None else {"If-None-Match": known.headers["etag"]})
        if known is not None and answer.status_code == httpx.codes.NOT_MODIFIED:
            self._answers.move_to_end(key)
            return known.json()
        if "etag" in answer.headers and len(answer.content) <= LARGEST_KEPT:
            self._answers[key] = answer
            if len(self._answers) > KEPT_ANSWERS:
                self._answers.popitem(last=False)
        return answer.json()

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, json: Any = None) -> httpx.Response:
        """An answer below 400, waited for where the API is busy. Raises Refused, and httpx's errors of transport."""
        for attempt in range(1, TRIES + 1):
            answer = self._http.request(method, self._url + path, headers=self._headers(headers), json=json)
            if answer.status_code not in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
                break
            if attempt < TRIES:
                time.sleep(_patience(answer, attempt))
        if answer.is_error:
            raise refusal(answer)
        return answer

    def stream(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """A context manager of an answer whose body is read as it comes."""
        return self._http.stream("GET", self._url + path, headers=self._headers(headers))

    def _headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        said = {"Authorization": f"Bearer {self._access()}", **(more or {})}
        return said if self._purpose is None else {"Purpose": self._purpose, **said}

    def _access(self) -> str:
        if self._token is None or time.monotonic() >= self._expires:
            form = {"grant_type": "client_credentials"}
            answer = self._http.post(f"{self._url}/oauth/token", data=form, auth=self._credentials)
            if answer.is_error:
                raise refusal(answer)
            told = answer.json()
            self._token = str(told["access_token"])
            self._expires = time.monotonic() + float(told["expires_in"]) - RENEW_SECONDS
        return self._token


def refusal(answer: httpx.Response) -> Refused:
    """The problem that an answer tells of; of an answer that is no problem document its status alone."""
    answer.read()
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    told: dict[str, Any] = answer.json() if is_problem else {}
    return Refused(answer.status_code, str(told.get("title", "")), str(told.get("detail", "")), told)


def _patience(answer: httpx.Response, attempt: int) -> float:
    said = answer.headers.get("retry-after", "")
    return min(PATIENCE_SECONDS, float(said) if said.isdigit() else 0.5 * 2**attempt)
