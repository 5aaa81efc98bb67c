"""Making and changing endpoints by the rules that hold for whoever asks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from webhooks import url_policy
from webhooks.models import WebhookEndpoint, WebhookMessage

# Every event costs a row for each of them.
MOST_PER_USER = 10
RIGHT = "webhooks.change_webhookendpoint"
# A test goes to whoever asks for it, and to nobody else.
EVENTS = [kind for kind in WebhookMessage.Type.values if kind != WebhookMessage.Type.TEST]


class EndpointRefused(ValueError):
    """`field` is what is wrong (url, events; "" for the whole), its text says what to do."""

    def __init__(self, field: str, code: str, words: str) -> None:
        super().__init__(words)
        self.field, self.code = field, code


def is_entitled(user: Any) -> bool:
    """Whether this user may have endpoints: what happens in the house is not for everybody."""
    return bool(user.is_active and user.has_perm(RIGHT))


def make(owner: Any, *, url: str, description: str = "", events: Iterable[str] = ()) -> Any:
    """A new endpoint; its `secret` is for the owner alone. Raises EndpointRefused."""
    values = checked(url=url, events=list(events))
    users: Any = get_user_model()._default_manager
    with transaction.atomic():
        # Two that ask at one moment come one after the other.
        users.select_for_update().get(pk=owner.pk)
        if WebhookEndpoint.objects.of(owner).count() >= MOST_PER_USER:
            words = _("You have %(n)d endpoints already: delete one of them first.")
            raise EndpointRefused("", "too_many", words % {"n": MOST_PER_USER})
        return WebhookEndpoint.objects.create(owner=owner, description=description, **values)


def change(endpoint: WebhookEndpoint, **values: Any) -> bool:
    """Write `url`, `description` or `events`; False where it was deleted. Raises EndpointRefused.

    What is on its way goes to the old address still.
    """
    written = checked(**values)
    if not WebhookEndpoint.objects.filter(pk=endpoint.pk).update(**written):
        return False
    for name, value in written.items():
        setattr(endpoint, name, value)
    return True


def checked(**values: Any) -> dict[str, Any]:
    """The same values, if they can be had. Raises EndpointRefused."""
    if "url" in values:
        try:
            url_policy.check(values["url"])
        except url_policy.TargetRefused as refused:
            raise EndpointRefused("url", refused.code, str(refused)) from refused
    if unknown := set(values.get("events", ())) - set(EVENTS):
        words = _("There is no such event: %(events)s.") % {"events": ", ".join(sorted(unknown))}
        raise EndpointRefused("events", "unknown_event", words)
    return values
