"""The provider's object storage: results under expiring addresses, and temporary uploads.

Errors are XML, as those of object storage. Source: Model Studio's page on temporary file
addresses, the official SDK's `oss_utils` (read 2026-11-20).
"""

from __future__ import annotations

import math
import re
import secrets
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.http_messages import Refused, Reply

UPLOAD_LIFE_S = 48 * 3600
Picture = tuple[Callable[[], bytes], str]  # its bytes when asked for, its content type


@dataclass
class _Result:
    picture: Picture
    token: str
    expires_at: float = math.inf


class Results:
    """Finished images by name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[str, _Result] = {}

    def put(self, name: str, picture: Picture) -> None:
        """Store a result under a name."""
        with self._lock:
            if len(self._results) % 256 == 255:
                self._drop_expired()
            self._results[name] = _Result(picture, secrets.token_urlsafe(18))

    def path(self, name: str, expires_at: float) -> str:
        """Return the signed path of a result that lives until `expires_at` (epoch seconds)."""
        with self._lock:
            result = self._results.get(name)
            if result is None:
                return f"/results/{name}?Expires={math.ceil(expires_at)}&Signature=gone"
            result.expires_at = expires_at
        return f"/results/{name}?Expires={math.ceil(expires_at)}&Signature={result.token}"

    def get(self, name: str, query: Mapping[str, str]) -> Reply:
        """Return a result by its signed path. Raises Refused, which is sent as XML."""
        with self._lock:
            result = self._results.get(name)
        if result is None:
            raise Refused(404, "NoSuchKey", "The specified key does not exist.")
        expires = query.get("Expires", "")
        if not expires.isdigit() or min(float(expires), result.expires_at) < time.time():
            raise Refused(403, "AccessDenied", "Request has expired.")
        if query.get("Signature") != result.token:
            raise Refused(403, "SignatureDoesNotMatch", "The signature does not match.")
        read, content_type = result.picture
        return Reply(200, read(), content_type)

    def reset(self) -> None:
        """Remove all results."""
        with self._lock:
            self._results.clear()

    def _drop_expired(self) -> None:
        now = time.time()
        for name in [n for n, result in self._results.items() if result.expires_at < now]:
            del self._results[name]


def xml_reply(refused: Refused) -> Reply:
    """Return an error as object storage sends it."""
    error = f"<Error><Code>{refused.code}</Code><Message>{refused.message}</Message></Error>"
    return Reply(refused.status, error.encode(), "application/xml")


@dataclass
class _Policy:
    owner: str
    model: str
    directory: str
    signature: str
    expires_at: float


@dataclass
class _Upload:
    owner: str
    model: str
    data: bytes
    expires_at: float


class Uploads:
    """Upload policies and what was uploaded under them."""

    def __init__(self, policy_seconds: float) -> None:
        self._policy_seconds = policy_seconds
        self._lock = threading.Lock()
        self._policies: dict[str, _Policy] = {}
        self._files: dict[str, _Upload] = {}

    def policy(self, owner: str, model: str, host: str) -> dict[str, Any]:
        """Issue an upload policy, with the form fields that an upload must repeat."""
        name, directory = uuid.uuid4().hex, f"dashscope-instant/{owner}/{uuid.uuid4()}"
        until = time.time() + self._policy_seconds
        policy = _Policy(owner, model, directory, secrets.token_urlsafe(18), until)
        with self._lock:
            self._policies[name] = policy
        return {
            "policy": name,
            "signature": policy.signature,
            "upload_dir": directory,
            "upload_host": host,
            "expire_in_seconds": int(self._policy_seconds),
            "max_file_size_mb": 100,
            "capacity_limit_mb": 999999999,
            "oss_access_key_id": "LTAIsandbox",
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        }

    def accept(self, content_type: str, body: bytes) -> Reply:
        """Accept a form upload. Raises Refused, which is sent as XML."""
        fields, data = read_form(content_type, body)
        with self._lock:
            policy = self._policies.get(fields.get("policy", ""))
            _check_form(fields, policy, data)
            if policy is None or fields["key"] in self._files:
                raise Refused(409, "FileAlreadyExists", "The object you specified already exists.")
            until = time.time() + UPLOAD_LIFE_S
            self._files[fields["key"]] = _Upload(policy.owner, policy.model, data or b"", until)
        return Reply(int(fields.get("success_action_status", "204")))

    def read(self, key: str, owner: str, model: str) -> bytes | None:
        """Return a file to the account and the model it was uploaded for; else None."""
        with self._lock:
            file = self._files.get(key)
        if file is None or (file.owner, file.model) != (owner, model):
            return None
        return file.data if time.time() < file.expires_at else None

    def reset(self) -> None:
        """Remove all policies and files."""
        with self._lock:
            self._policies.clear()
            self._files.clear()


def _check_form(fields: Mapping[str, str], policy: _Policy | None, data: bytes | None) -> None:
    if policy is None or fields.get("Signature") != policy.signature:
        raise Refused(403, "SignatureDoesNotMatch", "The signature does not match.")
    if time.time() > policy.expires_at:
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    wanted = {"x-oss-object-acl": "private", "x-oss-forbid-overwrite": "true"}
    if any(fields.get(name) != value for name, value in wanted.items()):
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed.")
    if not fields.get("key", "").startswith(policy.directory + "/"):
        raise Refused(403, "AccessDenied", "Invalid according to Policy: Policy Condition failed.")
    if not fields.get("OSSAccessKeyId") or data is None:
        raise Refused(400, "InvalidArgument", "The form lacks a field or its file.")


def read_form(content_type: str, body: bytes) -> tuple[dict[str, str], bytes | None]:
    """Parse a form: the fields before the file, and the file; the rest is ignored, as by OSS.

    Raises Refused.
    """
    found = re.search(r'boundary="?([^";]+)', content_type)
    if not content_type.startswith("multipart/form-data") or not found:
        raise Refused(400, "MalformedPOSTRequest", "The body is not multipart/form-data.")
    fields: dict[str, str] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + found[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = re.search(rb'[; ]name="([^"]*)"', head)
        if name and name[1] == b"file":
            return fields, content
        if name:
            fields[name[1].decode("utf-8", "replace")] = content.decode("utf-8", "replace")
    return fields, None
