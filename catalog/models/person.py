"""Model photos: who is in them, and what they may be used for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models.asset import Asset, AssetQuerySet
from catalog.storage import files

# A consent that ends within so many days is named while there is time to renew it.
ENDS_SOON_DAYS = 30


class PersonQuerySet(AssetQuerySet["Person"]):  # type: ignore[override]
    def team_owned(self) -> PersonQuerySet:
        """The library's: what shoppers have of themselves is theirs alone."""
        return self.filter(owner=None)

    def of_owner(self, owner: Any) -> PersonQuerySet:
        return self.filter(owner=owner)

    def visible_to(self, user: Any) -> PersonQuerySet:
        """The user's own, and the team's if they have the permission."""
        teams = models.Q(owner=None) if user.has_perm("catalog.view_person") else models.Q()
        return self.filter(models.Q(owner=user) | teams)

    def consenting(self, on: date, *, publish: bool = False) -> PersonQuerySet:
        """Persons whose photo may be used on this day: for try-ons, or to `publish` results."""
        scopes = [Person.Consent.PUBLISH, Person.Consent.UNNEEDED]
        if not publish:
            scopes.append(Person.Consent.TRYON)
        lasting = models.Q(consent_until=None) | models.Q(consent_until__gte=on)
        return self.filter(lasting, consent_scope__in=scopes, consent_withdrawn_at=None)

    def with_consent_state(self, on: date) -> PersonQuerySet:
        """With `consent_state`, a Person.ConsentState as of this day."""
        state, soon = Person.ConsentState, on + timedelta(days=ENDS_SOON_DAYS)
        return self.annotate(
            consent_state=models.Case(
                models.When(consent_withdrawn_at__isnull=False, then=models.Value(state.WITHDRAWN)),
                models.When(consent_scope="", then=models.Value(state.MISSING)),
                models.When(consent_until__lt=on, then=models.Value(state.ENDED)),
                models.When(consent_until__lte=soon, then=models.Value(state.ENDS_SOON)),
                default=models.Value(state.FINE),
                output_field=models.CharField(),
            )
        )

    def discard_unused(self, assets: list[Person]) -> None:
        super().discard_unused(assets)
        for person in assets:
            if person.pk:
                person.discard_documents()

    def withdraw_consent(self, person: Person, now: datetime) -> bool:
        """Whether this call did, and nobody before."""
        rows = self.filter(pk=person.pk, consent_withdrawn_at=None)
        person.consent_withdrawn_at = person.consent_withdrawn_at or now
        return bool(rows.update(consent_withdrawn_at=now))


class Person(Asset):
    class Gender(models.TextChoices):
        WOMAN = "woman", _("Woman")
        MAN = "man", _("Man")

    class Body(models.TextChoices):
        SLIM = "slim", _("Slim")
        CURVY = "curvy", _("Curvy")

    class View(models.TextChoices):
        FULL = "full", _("Full body")
        HALF = "half", _("Half body")

    class Consent(models.TextChoices):
        """How far a consent goes; the empty word: nobody has recorded one."""

        TRYON = "tryon", _("Try-ons and review")
        PUBLISH = "publish", _("Try-ons and publishing")
        UNNEEDED = "unneeded", _("Not needed: no real person")

    class ConsentState(models.TextChoices):
        """What has become of it by a day, see PersonQuerySet.with_consent_state()."""

        FINE = "fine", _("Consent in force")
        ENDS_SOON = "soon", _("Consent ends soon")
        ENDED = "ended", _("Consent ended")
        MISSING = "missing", _("No consent")
        WITHDRAWN = "withdrawn", _("Consent withdrawn")

    subject = "person"

    # The shopper in the photo, to whom it belongs; None: it is the team's.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("owner"),
    )
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, blank=True)
    body = models.CharField(_("body"), max_length=8, choices=Body, blank=True)
    view = models.CharField(_("view"), max_length=8, choices=View, default=View.FULL)
    height_cm = models.PositiveSmallIntegerField(_("height (cm)"), null=True, blank=True)
    size = models.CharField(_("clothing size"), max_length=20, blank=True)
    consent_scope = models.CharField(_("consent: scope"), max_length=8, choices=Consent, blank=True)
    consent_until = models.DateField(
        _("consent: until"), null=True, blank=True, help_text=_("Empty: it does not end.")
    )
    consent_note = models.CharField(_("consent: note"), max_length=200, blank=True)
    consent_document = models.FileField(
        _("consent: document"), editable=False, blank=True, max_length=200
    )
    consent_withdrawn_at = models.DateTimeField(
        _("consent withdrawn"), null=True, blank=True, editable=False
    )

    objects = PersonQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Asset.Meta):
        verbose_name = _("person")
        verbose_name_plural = _("persons")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(consent_scope__in=["", "tryon", "publish", "unneeded"]),
                name="person_consent_known",
            )
        ]
        indexes = [
            models.Index(
                fields=["owner", "-id"],
                condition=models.Q(owner__isnull=False),
                name="person_of_owner",
            ),
            models.Index(fields=["updated_at"], name="person_changed"),
        ]

    def record_consent(self, *, scope: str, until: date | None, note: str, document: str) -> None:
        """Write the consent's columns and no other; without a `document` the old one stays."""
        values: dict[str, Any] = {"consent_scope": scope, "consent_until": until}
        values |= {"consent_note": note, "consent_withdrawn_at": None}
        values |= {"consent_document": document} if document else {}
        Person.objects.filter(pk=self.pk).update(**values)
        self.refresh_from_db(fields=list(values))

    def documents_folder(self) -> str:
        """Where every document of consent that this person ever gave is kept."""
        return f"consent/{self.pk}"

    def discard_documents(self) -> int:
        return files.discard_folder(self.documents_folder())

    def consent_refusal(self, on: date, *, publish: bool = False) -> str:
        """Why the photo may not be used on this day, and what to do; "" where it may.

        `publish`: for showing results to the public, which a consent to try-ons does not allow.
        """
        if self.consent_withdrawn_at:
            return gettext("Consent was withdrawn: use another person's photo.")
        if not self.consent_scope:
            return gettext("No consent is recorded: record it on the person's page.")
        if self.consent_until and self.consent_until < on:
            ended = date_format(self.consent_until, "DATE_FORMAT")
            return gettext("Consent ended on %s: renew it on the person's page.") % ended
        if publish and self.consent_scope == self.Consent.TRYON:
            return gettext("Consent covers try-ons only, not publishing.")
        return ""
