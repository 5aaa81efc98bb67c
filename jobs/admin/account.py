"""Provider accounts: people set limits and budget, the dispatcher owns everything else."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from jobs.admin.event_table import WithEvents
from jobs.models import ProviderAccount
from jobs.wakeups import wake_dispatcher
from portal.admin.action_report import apply_to_each
from portal.admin.readonly import SafeActions
from portal.admin.thumbnails import state
from providers import registry

LIMITS = ["concurrency", "submits_per_s", "queries_per_s", "month_budget"]
OWNED = [
    "shown_state",
    "pause_reason",
    "offered",
    "spent",
    "typical_s",
    "throttled_until",
    "lease_until",
]


class AccountForm(ModelForm):
    class Meta:
        model = ProviderAccount
        fields = LIMITS
        help_texts: ClassVar[Any] = {
            "concurrency": _(
                "Tasks at work at one time. More than the provider allows is answered with "
                "refusals; empty: what it documents."
            ),
            "submits_per_s": _("New tasks a second, such as 2 or 0.5. Empty: what it documents."),
            "queries_per_s": _("Questions a second about running tasks. Empty: what it documents."),
            "month_budget": _(
                "Before a call would pass this, the account pauses and says so. "
                "Running tasks finish. Empty: no limit."
            ),
        }


@admin.register(ProviderAccount)
class AccountAdmin(WithEvents, SafeActions):
    form = AccountForm
    list_display = ["alias", "shown_state", "offered", "pause_reason", *LIMITS, "typical_s"]
    list_filter = ["state"]
    search_fields = ["alias"]
    readonly_fields = ["alias", *OWNED]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ["alias"]}),
        (
            _("Limits"),
            {
                "fields": LIMITS,
                "description": _("They hold from the dispatcher's next turn, within seconds."),
            },
        ),
        (_("What the dispatcher knows"), {"fields": OWNED}),
    ]
    actions = ["pause", "resume"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """`migrate` makes the account of every alias in the settings."""
        return False

    def save_model(
        self, request: HttpRequest, obj: ProviderAccount, form: ModelForm, change: bool
    ) -> None:
        """Write what was typed and nothing else.

        A whole row would carry back the lease and the state of when the form was read: the
        dispatcher's lease would be lost, or a pause undone, with no event to tell of it.
        """
        obj.save(update_fields=form.changed_data)

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, account: ProviderAccount) -> str:
        return state(account.state, account.get_state_display())

    @admin.display(description=_("offered"))
    def offered(self, account: ProviderAccount) -> str:
        return registry.unavailable_reason(account.alias) or _t("Yes")

    @admin.display(description=_("spent this month (CNY)"))
    def spent(self, account: ProviderAccount) -> str:
        return str(account.spent_this_month(timezone.now()))

    @admin.action(description=_("Pause: submit nothing more"), permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet) -> None:
        reason = _t("Paused by %(user)s.") % {"user": request.user}

        def act(account: ProviderAccount) -> str:
            return "" if account.pause(reason, by=request.user) else _t("it was already paused")

        apply_to_each(request, queryset, act, ngettext_lazy("%(n)d paused.", "%(n)d paused.", "n"))

    @admin.action(description=_("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet) -> None:
        def act(account: ProviderAccount) -> str:
            return "" if account.resume(by=request.user) else _t("it was not paused")

        apply_to_each(
            request, queryset, act, ngettext_lazy("%(n)d resumed.", "%(n)d resumed.", "n")
        )
        wake_dispatcher()
