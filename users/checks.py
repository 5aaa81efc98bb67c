"""Are sign-in attempts counted across all web processes?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def attempts_are_counted_once(**kwargs: Any) -> list[checks.CheckMessage]:
    if "LocMemCache" not in settings.CACHES["default"]["BACKEND"]:
        return []
    message = "Each web process counts attempts to sign in for itself."
    hint = "Set CACHE_URL, such as dbcache://toile_cache (made by `manage.py createcachetable`)."
    return [checks.Warning(message, hint=hint, id="jobs.W030")]
