"""A result, and a decision about it, as the API shows them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.framework.serializers import ImageField, ResourceSerializer, StrictSerializer
from api.resources.jobs import OutfitIds
from jobs import result_warnings
from jobs.models import Result
from review.models import Decision


class WarningShape(serializers.Serializer):
    code = serializers.CharField()
    message = serializers.CharField()


class ResultSerializer(ResourceSerializer):
    version = serializers.CharField(
        source="etag", read_only=True, help_text="What `If-Match` of a decision names."
    )
    batch = serializers.IntegerField(source="job.batch_id", read_only=True)
    person = serializers.IntegerField(source="job.person_id", read_only=True)
    outfit = OutfitIds(source="job", read_only=True)
    review = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    published = serializers.SerializerMethodField()
    favourite = serializers.BooleanField(read_only=True)
    warnings = serializers.SerializerMethodField()
    image = ImageField()

    class Meta:
        model = Result
        fields = [
            *("id", "version", "job", "batch", "person", "outfit", "review", "reason"),
            *("published", "favourite", "warnings", "image", "created_at", "updated_at"),
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(Result.Review.choices, allow_null=True))
    def get_review(self, result: Result) -> str | None:
        """Null for a shopper's own: nobody reviews it."""
        return None if result.owner_id else result.review

    @extend_schema_field(serializers.ChoiceField(Decision.Reason.choices, allow_null=True))
    def get_reason(self, result: Any) -> str | None:
        """Why it was rejected; null where it was not, or nobody said."""
        if result.review != Result.Review.REJECTED or not result.votes:
            return None
        return result.votes[-1].reason or None

    def get_published(self, result: Result) -> bool:
        return result.published_at is not None

    @extend_schema_field(WarningShape(many=True))
    def get_warnings(self, result: Result) -> list[dict[str, str]]:
        return [{"code": c, "message": result_warnings.sentence(c)} for c in result.warnings]


class DecisionOrder(StrictSerializer):
    """`pending` takes back what was decided. `beside`: approve it next to an approved rival."""

    verdict = serializers.ChoiceField(Result.Review.choices)
    reason = serializers.ChoiceField(Decision.Reason.choices, required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=500)
    beside = serializers.BooleanField(default=False)


class DecisionSerializer(ResourceSerializer):
    by = serializers.CharField(source="by.username", default=None, read_only=True)

    class Meta:
        model = Decision
        fields = ["id", "verdict", "reason", "note", "opinion", "by", "at"]
        read_only_fields = fields


class Decided(serializers.Serializer):
    decision = DecisionSerializer()
    result = ResultSerializer()
