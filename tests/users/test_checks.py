from __future__ import annotations

from typing import Any

from users.checks import attempts_are_counted_once


def test_it_works(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache"}}
    assert attempts_are_counted_once() == []


def test_counting_in_each_process_is_warned_about() -> None:
    [message] = attempts_are_counted_once()
    assert (message.id, "CACHE_URL" in message.hint) == ("jobs.W030", True)
