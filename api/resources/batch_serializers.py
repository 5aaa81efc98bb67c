"""A batch as the API shows it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.framework.serializers import MoneyField, ResourceSerializer
from api.resources.jobs import poll_after_ms, without_provider
from jobs.batches.eta import expected_s, is_held
from jobs.models import Batch, TryOnJob
from jobs.recipe import Recipe


class CountsShape(serializers.Serializer):
    queued = serializers.IntegerField()
    running = serializers.IntegerField()
    succeeded = serializers.IntegerField()
    failed = serializers.IntegerField()
    canceled = serializers.IntegerField()
    needs_attention = serializers.IntegerField()


class BatchListSerializer(serializers.ListSerializer):
    """The jobs of all batches of a page are counted at once."""

    def to_representation(self, rows: Any) -> Any:
        rows = list(rows)
        counts = TryOnJob.objects.counts_of([batch.pk for batch in rows])
        for batch in rows:
            batch.counted = counts[batch.pk]
        return super().to_representation(rows)


class BatchSerializer(ResourceSerializer):
    provider = serializers.SerializerMethodField()
    recipe = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    total = serializers.SerializerMethodField()
    finished = serializers.SerializerMethodField()
    estimate = serializers.SerializerMethodField()
    spent = MoneyField(read_only=True)
    paused = serializers.SerializerMethodField()
    stopped_at_budget = serializers.SerializerMethodField()
    expected_s = serializers.SerializerMethodField()
    poll_after_ms = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        list_serializer_class = BatchListSerializer
        fields = [
            *("id", "name", "provider", "recipe", "priority", "counts", "total", "finished"),
            *("estimate", "spent", "paused", "stopped_at_budget", "expected_s"),
            *("poll_after_ms", "created_at", "updated_at"),
        ]
        read_only_fields = fields

    def get_provider(self, batch: Batch) -> str | None:
        return None if batch.owner_id else batch.account.alias

    @extend_schema_field(serializers.JSONField())
    def get_recipe(self, batch: Batch) -> dict[str, Any]:
        return without_provider(batch.recipe) if batch.owner_id else batch.recipe

    @extend_schema_field(CountsShape)
    def get_counts(self, batch: Any) -> dict[str, int]:
        """Jobs by state; what was repeated counts by its repetition."""
        if not hasattr(batch, "counted"):
            batch.counted = batch.counts()
        counts: dict[str, int] = batch.counted
        return counts

    def get_total(self, batch: Batch) -> int:
        return sum(self.get_counts(batch).values())

    def get_finished(self, batch: Batch) -> int:
        return self.get_total(batch) - self._left(batch)

    def _left(self, batch: Batch) -> int:
        counts = self.get_counts(batch)
        return counts["queued"] + counts["running"]

    @extend_schema_field(MoneyField(allow_null=True))
    def get_estimate(self, batch: Batch) -> Any:
        return None if batch.estimate is None else MoneyField().to_representation(batch.estimate)

    def get_paused(self, batch: Batch) -> bool:
        return batch.paused_at is not None

    def get_stopped_at_budget(self, batch: Batch) -> bool:
        return batch.stopped_at is not None

    def get_expected_s(self, batch: Batch) -> float | None:
        """Seconds for what is left, at the account's limits; null where it waits for somebody."""
        left = self._left(batch)
        if not left or is_held(batch):
            return None
        return expected_s(batch.account, Recipe.load(batch.recipe), left)

    def get_poll_after_ms(self, batch: Batch) -> int | None:
        return poll_after_ms(batch.account) if self._left(batch) else None


class CanceledBatch(serializers.Serializer):
    stopped = serializers.IntegerField(help_text="Jobs that will not begin, and cost nothing.")
    left = serializers.IntegerField(help_text="Jobs that the provider has, and may finish.")
    batch = BatchSerializer()
