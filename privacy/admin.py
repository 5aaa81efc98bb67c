"""Persons with their consent and history: registered in place of catalog's admin."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from catalog.admin.assets import PersonAdmin
from catalog.models import Person
from jobs.admin.event_table import WithEvents
from portal.admin.readonly import SafeActions
from portal.admin.shared_rows import TeamOwnedOnly
from portal.admin.thumbnails import state
from portal.badges import badge
from privacy import consent

admin.site.unregister(Person)


class ConsentFilter(admin.SimpleListFilter):
    title = _("consent")
    parameter_name = "consent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("publish", _("Covers publishing")),
            ("tryon", _("Covers try-ons")),
            ("none", _("No consent")),
            ("ended", _("Consent ended")),
            ("withdrawn", _("Consent withdrawn")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        today = timezone.localdate()
        chosen = {
            "none": Q(consent_scope="", consent_withdrawn_at=None),
            "ended": Q(consent_until__lt=today, consent_withdrawn_at=None) & ~Q(consent_scope=""),
            "withdrawn": Q(consent_withdrawn_at__isnull=False),
            "publish": Q(pk__in=Person.objects.consenting(today, publish=True).values("pk")),
            "tryon": Q(pk__in=Person.objects.consenting(today).values("pk")),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


@admin.register(Person)
class ConsentingPersonAdmin(TeamOwnedOnly, WithEvents, PersonAdmin, SafeActions):
    list_display: Any = (
        *("thumbnail", "name", "consent_column", "findings_column"),
        *("gender", "body", "view", "consent_until", "created_at"),
    )
    list_filter: ClassVar[Any] = (
        *PersonAdmin.list_filter[:1],
        ConsentFilter,
        *PersonAdmin.list_filter[1:],
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Consent is typed in once, with the photo; later it changes on its page alone.

        A form that saved it here would end a withdrawal when somebody edits a note.
        """
        first, *others = super().get_fieldsets(request, obj)
        if obj is None:
            return [first, *others]
        return [first, (_("Consent"), {"fields": ("consent_shown",)}), *others]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "consent_shown")

    @admin.display(description=_("consent"), ordering="consent_scope")
    def consent_column(self, person: Person) -> str:
        return _consent_state(person, timezone.localdate())

    @admin.display(description=_("consent"))
    def consent_shown(self, person: Person) -> str:
        today = timezone.localdate()
        return format_html(
            '{} {}<p>{}</p><p><a href="{}">{}</a></p>',
            _consent_state(person, today),
            person.consent_note,
            person.consent_refusal(today, publish=True),
            reverse("person-consent", args=[person.pk]),
            _t("Record, renew or withdraw it, see its document, erase the person"),
        )


def _consent_state(person: Person, today: date) -> str:
    if not person.consent_withdrawn_at and person.consent_until and person.consent_until < today:
        return state("withdrawn", _t("Consent ended"))
    current = consent.state_of(person)
    return state(current, badge(current).word)
