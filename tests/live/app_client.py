"""An app that follows docs/api.md: a key for each request, retried until it is answered."""

from __future__ import annotations

import time
import uuid
from typing import Any

import requests

RETRIED_STATUSES = {429, 500, 502, 503}
TRIES = 400


class AppClient:
    """Retries each request until it is answered; `broken` counts the broken connections."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}
        self.broken = 0

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        answer = self._until_answered("GET", path, params=query)
        assert answer.status_code == 200, (answer.status_code, answer.headers, answer.text)
        body: dict[str, Any] = answer.json()
        return body

    def post(self, path: str, **sent: Any) -> requests.Response:
        """Post with one idempotency key, however often it has to be sent."""
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        return self._until_answered("POST", path, headers=headers, **sent)

    def bytes_of(self, url: str) -> bytes:
        """Return an image, fetched through the same proxy."""
        path = "/" + url.split("/", 3)[3]
        return self._until_answered("GET", path).content

    def _until_answered(
        self, method: str, path: str, headers: dict[str, str] | None = None, **sent: Any
    ) -> requests.Response:
        for _try in range(TRIES):
            try:
                answer = requests.request(
                    method,
                    self.url + path,
                    headers=self.headers | (headers or {}),
                    timeout=40,
                    **{name: _fresh(value) for name, value in sent.items()},
                )
            except requests.RequestException:
                self.broken += 1
                continue
            if "Content-Length" not in answer.headers:
                # Cut among the headers, which this library takes for their end.
                self.broken += 1
                continue
            if answer.status_code not in RETRIED_STATUSES and not _is_running(answer):
                return answer
            assert answer.status_code != 500, answer.text
            time.sleep(0.05)
        raise AssertionError(f"{method} {path} was never answered")


def _is_running(answer: requests.Response) -> bool:
    return answer.status_code == 409 and answer.json()["code"] == "still-running"


def _fresh(value: Any) -> Any:
    """A copy of the files for each try."""
    return dict(value) if isinstance(value, dict) else value
