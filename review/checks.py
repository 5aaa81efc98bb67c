"""Can anybody approve anything under the rules of review that the settings ask for?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import checks

SETTINGS = ("REVIEW_FOUR_EYES", "REVIEW_SECOND_OPINION")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@checks.register("review")
def review_rules_are_booleans(**kwargs: Any) -> list[checks.CheckMessage]:
    return [
        checks.Error(
            f"{name} is neither true nor false.", hint="Write true or false.", id="jobs.E020"
        )
        for name in SETTINGS
        if not isinstance(getattr(settings, name), bool)
    ]


@checks.register("review", checks.Tags.database)
def there_are_enough_reviewers(databases: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Warn where rules need two reviewers and only one may decide; needs a database."""
    if not databases or not any(getattr(settings, name) for name in SETTINGS):
        return []
    users: Any = get_user_model()._default_manager
    if len(users.with_perm("jobs.change_result", backend=BACKEND)[:2]) > 1:
        return []
    message = "The rules of review need two reviewers, and there are not so many."
    hint = "Put a second user into the group “reviewer”, or unset REVIEW_FOUR_EYES and its like."
    return [checks.Warning(message, hint=hint, id="jobs.W020")]
