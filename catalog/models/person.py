"""Model photos: who is in them, and what they may be used for."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog import storage

from .asset import Asset, AssetQuerySet


class PersonQuerySet(AssetQuerySet["Person"]):
    def consenting(self, on: date, *, publish: bool = False) -> PersonQuerySet:
        """Persons whose photo may be used on this day: for try-ons, or to `publish` results."""
        scopes = [Person.Consent.PUBLISH, Person.Consent.UNNEEDED]
        if not publish:
            scopes.append(Person.Consent.TRYON)
        lasting = models.Q(consent_until=None) | models.Q(consent_until__gte=on)
        return self.filter(lasting, consent_scope__in=scopes, consent_withdrawn_at=None)

    def _discard_files(self, assets: list[Person]) -> None:
        super()._discard_files(assets)
        for person in assets:
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
        return storage.discard_folder(self.documents_folder())

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
