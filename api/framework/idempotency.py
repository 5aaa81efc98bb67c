"""A request that is sent again under its Idempotency-Key acts once, and is answered again."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.problems import Problem
from api.models import IdempotencyKey

log = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
KEPT_HEADERS = ("Location",)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")

Act = Callable[[], Response]


def once(
    request: Request, prepare: Callable[[], Act], undo: Callable[[], None] = lambda: None
) -> Response:
    """The answer of what `prepare` returns, now or from before.

    `prepare` reads and checks, outside of any transaction; what it returns writes, in the same
    transaction as its answer is kept. Whatever either raises leaves the key free for another try,
    once `undo` has put away what was written outside of the transaction.
    Raises Problem: another request had the key, or the same one has not ended.
    """
    key, fingerprint = _key(request), _fingerprint(request)
    mine = IdempotencyKey.objects.claim(request.user, key, fingerprint, timezone.now())
    if mine is None:
        return _before(request.user, key, fingerprint)
    try:
        act = prepare()
        with transaction.atomic():
            response = act()
            headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
            body = "" if response.data is None else JSONRenderer().render(response.data).decode()
            if not mine.answer(response.status_code, headers, body):
                raise _running()
    except BaseException as error:
        undo()
        mine.release()
        if isinstance(error, IntegrityError):
            # A row that it refers to was erased meanwhile: the next try does not find it.
            log.warning("undone, for something else was written meanwhile: %s", error)
            raise Problem("conflict", _("Something changed meanwhile: try again.")) from error
        raise
    return response


def _key(request: Request) -> str:
    key = request.headers.get(HEADER, "")
    if not key:
        words = _("Make a new one, such as a UUID, for each thing to make; send it with each try.")
        raise Problem("idempotency-key-missing", words)
    if not _KEY.fullmatch(key):
        words = _("An Idempotency-Key has 1 to 255 visible ASCII characters.")
        raise Problem("malformed", words)
    return key


def _before(user: Any, key: str, fingerprint: str) -> Response:
    row = IdempotencyKey.objects.filter(user=user, key=key).first()
    if row is None:
        raise _running()
    if row.fingerprint != fingerprint:
        words = _("It was sent with another address or body: make a new key for a new request.")
        raise Problem("key-of-another-request", words)
    if not row.status:
        raise _running()
    headers = row.headers | {"Idempotency-Replayed": "true"}
    return Response(json.loads(row.body) if row.body else None, row.status, headers=headers)


def _running() -> Problem:
    words = _("Send it again in a moment, under the same key.")
    return Problem("still-running", words, headers={"Retry-After": "1"})


def _fingerprint(request: Request) -> str:
    """Of method, path and what was sent: the form's boundary and the order of keys may differ."""
    sent = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if isinstance(request.data, QueryDict):
        parts = _form_parts(request.data)
    else:
        parts = iter([json.dumps(request.data, sort_keys=True).encode()])
    for part in parts:
        sent.update(hashlib.sha256(part).digest())
    return sent.hexdigest()


def _form_parts(form: QueryDict) -> Iterator[bytes]:
    """Names and values; of files, what is in them."""
    for name, values in sorted(form.lists()):
        yield name.encode(errors="surrogatepass")
        for value in values:
            if isinstance(value, UploadedFile):
                yield from value.chunks()
                value.seek(0)
            else:
                yield str(value).encode(errors="surrogatepass")
