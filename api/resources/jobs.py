"""Try-ons one at a time: ask for one, watch it, stop it, ask again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import django_filters
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework import long_poll
from api.framework.filters import IdFilter
from api.framework.idempotency import Act, once
from api.framework.problems import Problem
from api.framework.viewsets import SIGNED_IN, ReadOnlyResource
from api.resources import launch_requests
from api.resources.job_serializers import JobSerializer, with_shape
from api.resources.launch_refusals import SingleCellRefusals
from jobs.batches import spend
from jobs.launch import create as launch_create
from jobs.models import Batch, TryOnJob
from jobs.wakeups import wake_dispatcher

OUTCOMES = CANCELED, ASKED, LATE, ENDED = "canceled", "asked_provider", "too_late", "ended"


class JobOrder(launch_requests.OutfitShape):
    """Who wears what. The provider is the house's to choose, the recipe mostly, too."""

    person = launch_requests.person_field()
    provider = serializers.CharField(required=False, allow_blank=True, max_length=40)
    recipe = launch_requests.RecipeShape(required=False)
    again = serializers.BooleanField(
        default=False, help_text="Make it even if the same was made before."
    )


class CanceledJob(JobSerializer):
    outcome = serializers.ChoiceField(OUTCOMES, read_only=True)

    class Meta(JobSerializer.Meta):
        fields = [*JobSerializer.Meta.fields, "outcome"]
        read_only_fields = fields


class JobFilter(django_filters.FilterSet):
    state = django_filters.MultipleChoiceFilter(choices=TryOnJob.State.choices)
    batch = IdFilter()
    person = IdFilter()
    garment = IdFilter(method="wearing")

    class Meta:
        model = TryOnJob
        fields: ClassVar[list[str]] = []

    def wearing(self, rows: QuerySet, _name: str, value: int) -> QuerySet:
        return rows.filter(Q(top=value) | Q(bottom=value) | Q(dress=value))


class Jobs(ReadOnlyResource):
    tag = "jobs"
    model = TryOnJob
    serializer_class = JobSerializer
    filterset_class = JobFilter
    idempotent_actions = {"create", "repeat"}
    long_poll_actions = {"retrieve"}
    throttle_scopes: ClassVar = {"create": "tryon", "repeat": "tryon"}
    required_permissions: ClassVar = dict.fromkeys(
        ["list", "retrieve", "create", "cancel", "repeat"], SIGNED_IN
    )

    def shown(self, rows: Any) -> QuerySet:
        return with_shape(rows, self.request.user)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """With `wait`: as soon as it has ended, or after so many seconds."""
        if most_s := long_poll.seconds(request):
            self._wait(most_s)
        return super().retrieve(request, *args, **kwargs)

    def _wait(self, most_s: int) -> None:
        job = self.get_object()
        if job.state in job.UNFINISHED:
            still = TryOnJob.objects.unfinished().filter(pk=job.pk)
            long_poll.until(lambda: not still.exists(), most_s)

    @extend_schema(request=JobOrder, responses={200: JobSerializer, 202: JobSerializer})
    def create(self, request: Request) -> Response:
        """Ask for a try-on. 200 tells of one that was made before: nothing is spent."""
        return once(request, lambda: self._ordered(request))

    def _ordered(self, request: Request) -> Act:
        user: Any = request.user
        order = JobOrder(data=request.data, context=self.get_serializer_context())
        order.is_valid(raise_exception=True)
        said = order.validated_data
        if not (said["person"].owner_id or launch_requests.works_here(user)):
            raise Problem("forbidden")
        account = launch_requests.account_for(user, said.get("provider", ""))
        recipe = launch_requests.recipe_of(said)
        cell = said["person"], said["outfit"]

        def make() -> Batch:
            return launch_create.launch_cells(
                [cell],
                account=account,
                recipe=recipe,
                by=user,
                interactive=True,
                again=said["again"],
                owner=said["person"].owner,
            )

        why = SingleCellRefusals(cell, account, recipe, launch_requests.works_here(user))
        return lambda: self._asked(user, make, why)

    def _asked(self, user: Any, make: Callable[[], Batch], why: SingleCellRefusals) -> Response:
        try:
            job = launch_requests.within_quota(user, make, why).jobs.get()
        except launch_create.AlreadyMade as made:
            return self._told(made.job_ids[0], 200)
        return self._told(job.pk, 202)

    def _told(self, pk: int, status: int) -> Response:
        job = self.get_queryset().get(pk=pk)
        address = self.request.build_absolute_uri(reverse("jobs-detail", args=[pk]))
        return Response(self.get_serializer(job).data, status, headers={"Location": address})

    @extend_schema(request=None, responses=CanceledJob)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop it if that is possible still. Sent twice, it does no harm."""
        job = self._mine()
        outcome = self._stop(job)
        return Response(self.get_serializer(self.get_object()).data | {"outcome": outcome})

    def _stop(self, job: TryOnJob) -> str:
        if job.ask_to_cancel(by=self.request.user):
            return CANCELED
        # It may have ended at this moment: then nobody is asked.
        job.refresh_from_db(fields=["state"])
        if job.state not in job.UNFINISHED:
            return ENDED
        if not spend.provider_can_cancel(job.account):
            return LATE
        wake_dispatcher()
        return ASKED

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"])
    def repeat(self, request: Request, pk: str) -> Response:
        """Ask for an ended job again, as a new one that costs what the first did."""
        job = self._mine()
        return once(request, lambda: lambda: self._repeated(job))

    def _repeated(self, job: TryOnJob) -> Response:
        user: Any = self.request.user
        new = launch_requests.repeated(user, job)
        if new is None:
            words = _("It has not ended, or has been asked for again already.")
            again = TryOnJob.objects.filter(repeat_of=job).values_list("pk", flat=True).first()
            raise Problem("conflict", words, repeated_by=again)
        return self._told(new.pk, 202)

    def _mine(self) -> TryOnJob:
        """The job, for whoever may change it."""
        job: TryOnJob = self.get_object()
        if not (job.owner_id or self.request.user.has_perm("jobs.change_tryonjob")):
            raise Problem("forbidden")
        return job
