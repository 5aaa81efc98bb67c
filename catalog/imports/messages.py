"""Sentences that are kept with a row and read later, by people of any language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from catalog.photos.refusals import Refused


def kept(text: object, values: Mapping[str, Any]) -> dict[str, Any]:
    """A sentence as JSON: its English source and what is put in. A value may be a sentence."""
    with translation.override("en"):
        return {"text": str(text), "values": {k: _plain(v) for k, v in values.items()}}


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return {"text": str(value), "values": {}}
    return value if isinstance(value, int | dict) else str(value)


def message_of(stored: Mapping[str, Any]) -> str:
    """A kept sentence in the reader's language; "" where nothing was kept."""
    if not stored.get("text"):
        return ""
    values = {k: message_of(v) if isinstance(v, dict) else v for k, v in stored["values"].items()}
    text = gettext(stored["text"])
    # Django's own sentences are filled by percent signs, ours by braces.
    return text % values if "%(" in text else text.format(**values)


def of_refusal(refused: Refused) -> dict[str, Any]:
    return kept(refused.text, refused.values)


def of_invalid(field: str, error: ValidationError) -> dict[str, Any]:
    """The first thing that is wrong with a field."""
    first = error.error_list[0]
    return kept("{field}: {problem}", {"field": field, "problem": kept(*_parts(first))})


def _parts(error: ValidationError) -> tuple[object, dict[str, Any]]:
    return error.message, {k: str(v) for k, v in (error.params or {}).items()}


def in_any_language(text: object) -> set[str]:
    """How a word may be written by whoever fills in a list."""
    found = set()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.add(str(text).casefold())
    return found
