"""Can webhooks reach only what they should?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks


@checks.register("webhooks")
def webhook_rule_is_a_boolean(**kwargs: Any) -> list[checks.CheckMessage]:
    if isinstance(settings.WEBHOOK_ALLOW_LOCAL, bool):
        return []
    message = "WEBHOOK_ALLOW_LOCAL is neither true nor false: it counts as false."
    return [checks.Error(message, hint="Write true or false.", id="jobs.E030")]


@checks.register("webhooks", deploy=True)
def webhooks_stay_outside(**kwargs: Any) -> list[checks.CheckMessage]:
    """Otherwise an endpoint's owner could call services that listen on this machine only."""
    if settings.WEBHOOK_ALLOW_LOCAL is not True:
        return []
    message = "Webhooks may call this machine's own addresses, and without TLS."
    hint = "Unset WEBHOOK_ALLOW_LOCAL: it is for development."
    return [checks.Warning(message, hint=hint, id="jobs.W031")]
