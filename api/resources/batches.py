"""Launches of many try-ons: estimated, agreed to, watched, held and stopped."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework import long_poll
from api.framework.idempotency import Act, once
from api.framework.problems import Problem
from api.framework.viewsets import SIGNED_IN, ReadOnlyResource, created
from api.resources import batch_requests
from api.resources.batch_requests import BatchOrder, EstimateShape
from api.resources.batch_serializers import BatchSerializer, CanceledBatch
from jobs.launch.plan import Plan
from jobs.models import Batch, TryOnJob
from jobs.wakeups import wake_dispatcher


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


class Batches(ReadOnlyResource):
    tag = "batches"
    model = Batch
    serializer_class = BatchSerializer
    filterset_class = BatchFilter
    idempotent_actions = {"create"}
    long_poll_actions = {"retrieve"}
    throttle_scopes: ClassVar = {"create": "tryon"}
    required_permissions: ClassVar = {
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
        if most_s := long_poll.seconds(request):
            self._wait(most_s)
        return super().retrieve(request, *args, **kwargs)

    def _wait(self, most_s: int) -> None:
        left = TryOnJob.objects.filter(batch=self.get_object()).unfinished().order_by()
        if before := left.count():
            long_poll.until(lambda: left.all().count() != before, most_s)

    @extend_schema(request=BatchOrder, responses=EstimateShape, operation_id="estimateBatch")
    @action(detail=False, methods=["post"], filterset_class=None)
    def estimate(self, request: Request) -> Response:
        """What a batch would make, cost and take, and what would be refused. Free."""
        order, plan = self._plan(request)
        return Response(batch_requests.estimate(plan, order.validated_data.get("budget")))

    @extend_schema(request=BatchOrder, responses={202: BatchSerializer})
    def create(self, request: Request) -> Response:
        """Launch what was estimated; `agreement` says that nothing has changed since."""
        return once(request, lambda: self._prepare(request))

    def _plan(self, request: Request) -> tuple[BatchOrder, Plan]:
        order = BatchOrder(data=request.data, context=self.get_serializer_context())
        order.is_valid(raise_exception=True)
        if any(person.owner_id for person in order.validated_data["persons"]):
            raise Problem("forbidden")
        return order, batch_requests.plan_of(order, request.user)

    def _prepare(self, request: Request) -> Act:
        order, plan = self._plan(request)
        return lambda: self._launch(plan, order)

    def _launch(self, plan: Plan, order: BatchOrder) -> Response:
        batch = batch_requests.launch(plan, order, self.request.user)
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
            wake_dispatcher()
        return self._now()

    @extend_schema(request=None, responses=CanceledBatch)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop what has not begun; the provider is asked to stop the rest where it can be."""
        stopped, left = self.get_object().cancel(request.user)
        wake_dispatcher()
        return Response({"stopped": stopped, "left": left, "batch": self._now().data})

    def _now(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)
