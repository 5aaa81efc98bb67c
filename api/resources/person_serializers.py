"""A person as the API shows it, and as one is sent."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.framework.serializers import ImageField, ResourceSerializer, StrictSerializer
from api.resources.photos import FindingShape, findings
from catalog.models import Person
from catalog.preflight import findings as preflight_findings

# Not whatever the database can hold, which depends on the database.
HEIGHT: dict[str, Any] = {"height_cm": {"min_value": 30, "max_value": 300}}
ATTRIBUTES = ("name", "gender", "body", "view", "height_cm", "size")


class ConsentShape(serializers.Serializer):
    scope = serializers.ChoiceField(Person.Consent.choices, allow_blank=True)
    until = serializers.DateField(allow_null=True)
    refusal = serializers.CharField(help_text="Why the photo may not be used; empty if it may.")


class PersonSerializer(ResourceSerializer):
    image = ImageField()
    consent = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()
    measured = serializers.SerializerMethodField()
    own = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = [
            *("id", *ATTRIBUTES, "own", "consent", "image", "verdict", "findings", "measured"),
            *("created_at", "updated_at"),
        ]
        read_only_fields = fields

    @extend_schema_field(ConsentShape)
    def get_consent(self, person: Person) -> dict[str, Any]:
        refusal = person.consent_refusal(timezone.localdate())
        until = person.consent_until and person.consent_until.isoformat()
        return {"scope": person.consent_scope, "until": until, "refusal": refusal}

    @extend_schema_field(FindingShape(many=True))
    def get_findings(self, person: Person) -> list[dict[str, str]]:
        return findings(person)

    def get_measured(self, person: Person) -> bool:
        """Whether all rules have been checked; some take a moment after the upload."""
        return not preflight_findings.unmeasured(person)

    def get_own(self, person: Person) -> bool:
        return person.owner_id is not None


class NewPerson(StrictSerializer, serializers.ModelSerializer):
    """The id of an upload, and what the person in its photo has agreed to.

    Shoppers send photos of themselves, and agree to `tryon`.
    """

    upload = serializers.UUIDField(write_only=True)
    name = serializers.CharField(max_length=120)
    consent = serializers.ChoiceField(Person.Consent.choices, required=False)

    class Meta:
        model = Person
        fields = ["upload", "consent", *ATTRIBUTES]
        extra_kwargs = HEIGHT


class NewPersonForm(NewPerson):
    """A photo, and what the person in it has agreed to."""

    upload = None
    photo = serializers.FileField(write_only=True)

    class Meta(NewPerson.Meta):
        fields = ["photo", *NewPerson.Meta.fields[1:]]
        # A form cannot send null.
        extra_kwargs = {"height_cm": HEIGHT["height_cm"] | {"allow_null": False}}


class PersonChanges(StrictSerializer, serializers.ModelSerializer):
    class Meta:
        model = Person
        fields = ATTRIBUTES
        extra_kwargs = HEIGHT
