"""Creating and changing endpoints, by the same rules for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from webhooks import url_policy
from webhooks.models import WebhookEndpoint, WebhookMessage

# Each costs a row at every event.
MAX_PER_USER = 10
REQUIRED_PERMISSION = "webhooks.change_webhookendpoint"
# A test is sent only to the endpoint that it was requested for.
EVENTS = [kind for kind in WebhookMessage.Type.values if kind != WebhookMessage.Type.TEST]


class EndpointRefused(ValueError):
    """`field` is what is wrong (url, events; "" for the whole), its text says what to do."""

    def __init__(self, field: str, code: str, text: str) -> None:
        super().__init__(text)
        self.field, self.code = field, code


def is_entitled(user: User) -> bool:
    """Whether this user may have endpoints, which receive the team's events."""
    return bool(user.is_active and user.has_perm(REQUIRED_PERMISSION))


def create_endpoint(
    owner: User, *, url: str, description: str = "", events: Iterable[str] = ()
) -> WebhookEndpoint:
    """Create an endpoint; show its `secret` to the owner only. Raises EndpointRefused."""
    values = validated(url=url, events=list(events))
    users: Any = get_user_model()._default_manager
    with transaction.atomic():
        # Two requests at one moment come one after the other.
        users.select_for_update().get(pk=owner.pk)
        if WebhookEndpoint.objects.of(owner).count() >= MAX_PER_USER:
            text = _("You have %(n)d endpoints already: delete one of them first.")
            raise EndpointRefused("", "too_many", text % {"n": MAX_PER_USER})
        return WebhookEndpoint.objects.create(owner=owner, description=description, **values)


def update_endpoint(endpoint: WebhookEndpoint, **values: Any) -> bool:
    """Write `url`, `description` or `events`; False where it was deleted. Raises EndpointRefused.

    What is being sent still goes to the old address.
    """
    written = validated(**values)
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**written):
        return False
    for name, value in written.items():
        setattr(endpoint, name, value)
    return True


def validated(**values: Any) -> dict[str, Any]:
    """Return the same values if they are allowed. Raises EndpointRefused."""
    if "url" in values:
        try:
            url_policy.check(values["url"])
        except url_policy.TargetRefused as refused:
            raise EndpointRefused("url", refused.code, str(refused)) from refused
    if unknown := set(values.get("events", ())) - set(EVENTS):
        text = _("There is no such event: %(events)s.") % {"events": ", ".join(sorted(unknown))}
        raise EndpointRefused("events", "unknown_event", text)
    return values
