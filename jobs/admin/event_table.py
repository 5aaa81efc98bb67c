"""What happened to a row, at the end of its page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from jobs.models import Event
from portal.admin.thumbnails import state
from portal.badges import badge

SHOWN = 50


class WithEvents(admin.ModelAdmin):
    """Adds the newest events to a page, for users who may see events; one query."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = list(super().get_fieldsets(request, obj))
        if obj is None or not request.user.has_perm("jobs.view_event"):
            return shown
        return [*shown, (_("What happened"), {"fields": ("happened",)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "happened")

    @admin.display(description=_("events"))
    def happened(self, obj: Any) -> str:
        kind = getattr(obj, "event_kind", "") or obj._meta.model_name
        events = Event.objects.filter(kind=kind, object_id=obj.pk).select_related("by")
        return _table(events.order_by("-id")[:SHOWN])


def _table(events: Any) -> str:
    rows = format_html_join(
        "", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", map(_row, events)
    )
    if not rows:
        return str(_("Nothing has happened yet."))
    head = (_("when"), _("what"), _("who"), _("why"))
    return format_html(
        "<table><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead>"
        "<tbody>{}</tbody></table>",
        *(*head, rows),
    )


def _row(event: Event) -> tuple[Any, ...]:
    at = f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}"
    return (
        at,
        state(event.to_state, badge(event.to_state).word),
        event.by or event.worker,
        event.why,
    )
