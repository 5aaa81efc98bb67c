"""DashScope's temporary upload: a file handed over for 48 hours instead of a public address.

Source: Model Studio's page on temporary file addresses and the official SDK's `oss_utils`
(read 2026-11-20). Not documented for the try-on models, but used with them by integrators.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from providers.contract import ImageRef, ProviderError
from providers.http_client import Answer, redacted_line

# A file lives 48 hours; an hour is left for the call that uses it.
FILE_LIFETIME_S = 47 * 3600

Exchange = Callable[..., Answer]


class Uploads:
    """Upload each image once per model, for a file is bound to the model it was uploaded for.

    `exchange` sends with the key, `post_file` without it: the storage is authorised by the form.
    """

    def __init__(self, exchange: Exchange, post_file: Exchange) -> None:
        self._exchange = exchange
        self._post_file = post_file
        self._lock = threading.Lock()
        self._upload_locks: defaultdict[tuple[str, str], threading.Lock] = defaultdict(
            threading.Lock
        )
        self._known: dict[tuple[str, str], tuple[str, float]] = {}

    def address(self, image: ImageRef, model: str) -> str:
        """Return the oss:// URL of an image, uploading it if needed.

        Raises ProviderError with sent "no".
        """
        key = (model, image.sha256)
        with self._lock:
            upload_lock = self._upload_locks[key]
        with upload_lock:  # two threads that need the same photo upload it once
            known = self._unexpired_url(key)
            if not known:
                known = self._upload(image, model)
                self._remember(key, known)
            return known

    def _unexpired_url(self, key: tuple[str, str]) -> str:
        with self._lock:
            address, until = self._known.get(key, ("", 0.0))
        return address if time.time() < until else ""

    def _remember(self, key: tuple[str, str], address: str) -> None:
        now = time.time()
        with self._lock:
            for old in [k for k, (_, until) in self._known.items() if until <= now]:
                del self._known[old]
                self._upload_locks.pop(old, None)
            self._known[key] = (address, now + FILE_LIFETIME_S)

    def _upload(self, image: ImageRef, model: str) -> str:
        data = _bytes_of(image)
        answer = self._exchange("GET", "/uploads", params={"action": "getPolicy", "model": model})
        body = answer.body or {}
        policy = body.get("data") or body.get("output")
        if not isinstance(policy, Mapping) or not policy.get("upload_host"):
            raise _upload_error("upload_policy_unreadable", "The upload policy could not be read.")
        # A fresh ASCII name, because overwriting is forbidden.
        key = f"{policy.get('upload_dir', '')}/{uuid.uuid4().hex}.jpg"
        self._send(policy, key, data)
        return f"oss://{key}"

    def _send(self, policy: Mapping[str, Any], key: str, data: bytes) -> None:
        files = [(name, (None, value)) for name, value in _form_fields(policy, key).items()]
        # The storage ignores every field that comes after the file.
        files.append(("file", (key.rsplit("/", 1)[-1], data, "image/jpeg")))  # type: ignore[arg-type]
        answer = self._post_file("POST", str(policy["upload_host"]), files=files)
        if answer.status not in (200, 201, 204):
            code = _xml_text(answer.text, "Code") or f"http_{answer.status}"
            raise _upload_error(code, _xml_text(answer.text, "Message"), answer.status)


def _form_fields(policy: Mapping[str, Any], key: str) -> dict[str, str]:
    return {
        "OSSAccessKeyId": str(policy.get("oss_access_key_id", "")),
        "Signature": str(policy.get("signature", "")),
        "policy": str(policy.get("policy", "")),
        "x-oss-object-acl": str(policy.get("x_oss_object_acl", "private")),
        "x-oss-forbid-overwrite": str(policy.get("x_oss_forbid_overwrite", "true")),
        "key": key,
        "success_action_status": "200",
    }


def _bytes_of(image: ImageRef) -> bytes:
    try:
        return image.read()
    except ProviderError:
        raise  # its kind tells whether a retry can help
    except Exception as error:  # noqa: BLE001 - storages raise what they like
        name = type(error).__name__
    # Out here, because the error names the file or its address.
    raise _upload_error("image_unreadable", name)


def _upload_error(code: str, message: str, status: int | None = None) -> ProviderError:
    return ProviderError(code, redacted_line(message), kind="transient", sent="no", status=status)


def _xml_text(xml: str, name: str) -> str:
    found = re.search(rf"<{name}>([^<]*)</{name}>", xml)
    return found[1] if found else ""
