"""Steps: every provider call, for finding what went wrong."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from jobs.admin.event_table import WithEvents
from jobs.batches.progress import EXPIRES_SOON
from jobs.models import Step
from portal.admin.readonly import ReadOnlyAdmin
from portal.admin.shared_rows import TeamOwnedOnly
from portal.admin.thumbnails import state

LEFT = (Step.State.REMOTE, Step.State.STORING, Step.State.UNKNOWN)


@admin.register(Step)
class StepAdmin(TeamOwnedOnly, WithEvents, ReadOnlyAdmin):
    owner_path = "job__owner"
    list_display = ["id", "job_id", "position", "operation", "shown_state", "account", "model"]
    list_display += [
        "remote_id",
        "forgotten",
        "attempts",
        "retries",
        "due_at",
        "submitted_at",
        "ended_at",
        "cost",
    ]
    list_filter = ["state", "account", "operation"]
    list_select_related = ["account"]
    # Not "=": that would ignore case, and with it the index.
    search_fields = ["remote_id__exact"]
    search_help_text = _("Remote id")
    ordering = ["-id"]
    # Without `images` and `claim`: the provider's signed addresses and a worker's token are
    # nothing that a person may copy from a page.
    fields = ["job", "position", "operation", "shown_state", "account", "model", "interactive"]
    fields += ["remote_id", "due_at", "attempts", "claimed_until", "retries"]
    fields += ["submitted_at", "accepted_at", "ended_at", "forgotten", "reserved", "cost"]
    fields += ["image_count", "raw", "error_code", "error_message"]

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, step: Step) -> str:
        return state(step.state, step.get_state_display())

    @admin.display(description=_("provider forgets it"))
    def forgotten(self, step: Step) -> str:
        """While the images are not here; red when little time is left."""
        until = step.result_expires_at() if step.state in LEFT else None
        if until is None:
            return "–"
        text = f"{timezone.localtime(until):%Y-%m-%d %H:%M}"
        if until - timezone.now() < EXPIRES_SOON:
            return format_html('<span class="state is-bad">✕ {}</span>', text)
        return text

    @admin.display(description=_("images"))
    def image_count(self, step: Step) -> int:
        return len(step.images)
