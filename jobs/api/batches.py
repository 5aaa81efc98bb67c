"""Launches of many try-ons: estimated, agreed to, watched, held and stopped."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from .. import pipeline
from ..eta import expected_s, held
from ..models import Batch, TryOnJob
from ..recipe import Recipe
from . import batch_orders, waiting
from .batch_orders import BatchOrder, EstimateShape
from .fields import MoneyField, Rows
from .idempotency import Act, once
from .job_shapes import poll_after_ms, without_provider
from .problems import Problem
from .rights import SIGNED_IN
from .views import Listed, created


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


class BatchSerializer(Rows):
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
        if not left or held(batch):
            return None
        return expected_s(batch.account, Recipe.load(batch.recipe), left)

    def get_poll_after_ms(self, batch: Batch) -> int | None:
        return poll_after_ms(batch.account) if self._left(batch) else None


class BatchFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        method="at",
        choices=[(name, name) for name in ("running", "paused", "attention", "finished")],
    )
    name = django_filters.CharFilter(lookup_expr="icontains")

    class Meta:
        model = Batch
        fields: ClassVar[list[str]] = []

    def at(self, rows: Any, _name: str, value: str) -> QuerySet:
        found: QuerySet = rows.at(value)
        return found


class CanceledBatch(serializers.Serializer):
    stopped = serializers.IntegerField(help_text="Jobs that will not begin, and cost nothing.")
    left = serializers.IntegerField(help_text="Jobs that the provider has, and may finish.")
    batch = BatchSerializer()


class Batches(Listed):
    tag = "batches"
    model = Batch
    serializer_class = BatchSerializer
    filterset_class = BatchFilter
    keyed = {"create"}
    waits = {"retrieve"}
    kinds: ClassVar = {"create": "tryon"}
    rights: ClassVar = {
        "list": SIGNED_IN,
        "retrieve": SIGNED_IN,
        "create": "jobs.add_batch",
        "estimate": "jobs.add_batch",
        "pause": "jobs.add_batch",
        "resume": "jobs.add_batch",
        "cancel": "jobs.change_tryonjob",
    }

    def shown(self, rows: Any) -> QuerySet:
        found: QuerySet = rows.select_related("account")
        return found

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With `wait`: as soon as another of its jobs has ended, or after so many seconds."""
        if most_s := waiting.seconds(request):
            self._wait(most_s)
        return super().retrieve(request, *args, **kwargs)

    def _wait(self, most_s: int) -> None:
        left = TryOnJob.objects.filter(batch=self.get_object()).unfinished().order_by()
        if before := left.count():
            waiting.until(lambda: left.all().count() != before, most_s)

    @extend_schema(request=BatchOrder, responses=EstimateShape, operation_id="estimateBatch")
    @action(detail=False, methods=["post"], filterset_class=None)
    def estimate(self, request: Request) -> Response:
        """What a batch would make, cost and take, and what would be refused. Free."""
        order, plan = self._planned(request)
        return Response(batch_orders.estimate(plan, order.validated_data.get("budget")))

    @extend_schema(request=BatchOrder, responses={202: BatchSerializer})
    def create(self, request: Request) -> Response:
        """Launch what was estimated; `agreement` says that nothing has changed since."""
        return once(request, lambda: self._agreed(request))

    def _planned(self, request: Request) -> tuple[BatchOrder, Any]:
        order = BatchOrder(data=request.data, context=self.get_serializer_context())
        order.is_valid(raise_exception=True)
        if any(person.owner_id for person in order.validated_data["persons"]):
            raise Problem("forbidden")
        return order, batch_orders.plan_of(order, request.user)

    def _agreed(self, request: Request) -> Act:
        order, plan = self._planned(request)
        return lambda: self._launched(batch_orders.launch(plan, order, request.user))

    def _launched(self, batch: Batch) -> Response:
        data = self.get_serializer(self.get_queryset().get(pk=batch.pk)).data
        address = self.request.build_absolute_uri(reverse("batches-detail", args=[batch.pk]))
        return created(data, address, 202)

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str) -> Response:
        """Begin no more of it. Done twice, it is done."""
        self.get_object().pause(by=request.user)
        return self._now()

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str) -> Response:
        """Go on with it. Done twice, it is done."""
        batch = self.get_object()
        with transaction.atomic():
            batch.resume(by=request.user)
            pipeline.ring_dispatch()
        return self._now()

    @extend_schema(request=None, responses=CanceledBatch)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop what has not begun; the provider is asked to stop the rest where it can be."""
        stopped, left = self.get_object().cancel(request.user)
        pipeline.ring_dispatch()
        return Response({"stopped": stopped, "left": left, "batch": self._now().data})

    def _now(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)
