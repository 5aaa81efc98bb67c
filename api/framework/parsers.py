"""Bodies in bounds: what is too large is refused before it is read, or as soon as it shows."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler
from django.utils.translation import gettext as _
from rest_framework import parsers

from api.framework.problems import Problem
from catalog.photos.refusals import MAX_BYTES

JSON_BYTES = 1_000_000
# A photo, and the other fields of its form.
FORM_BYTES = MAX_BYTES + 100_000
PHOTO = "photo"


def check_length(request: Any, most: int) -> None:
    """Raises Problem for a body that is too large by its own header."""
    text = request.META.get("CONTENT_LENGTH") or "0"
    if not str(text).isdecimal() or int(text) > most:
        raise too_large(most)


def too_large(most: int) -> Problem:
    words = _("At most %(most)d bytes are taken here.") % {"most": most}
    return Problem("too-large", words, limit_bytes=most)


class Json(parsers.JSONParser):
    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        check_length(parser_context["request"], JSON_BYTES)
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise Problem("malformed", _("It is nested too deeply.")) from error


class Form(parsers.MultiPartParser):
    """A form with at most one file, `photo`, which goes to the disk and not into memory."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        request = parser_context["request"]
        check_length(request, FORM_BYTES)
        plain = request._request
        spool = TemporaryFileUploadHandler(plain)
        plain.upload_handlers = [Limit(plain), spool]
        try:
            return super().parse(stream, media_type, parser_context)
        except BaseException:
            spool.upload_interrupted()
            raise


class Limit(FileUploadHandler):
    """Lets one photo through, and no more of it than a photo may have."""

    files = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.files, self.passed = self.files + 1, 0
        if self.files > 1 or self.field_name != PHOTO:
            words = _("Send one file, in the field %s.") % PHOTO
            raise Problem("invalid", errors=[Problem.error(f"/{PHOTO}", words)])

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.passed += len(raw_data)
        if self.passed > MAX_BYTES:
            raise too_large(MAX_BYTES)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
