"""Try-ons one at a time: ask for one, watch it, stop it, ask again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django.db.models import Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework import long_poll
from api.framework.filters import IdFilter
from api.framework.idempotency import Act, once
from api.framework.problems import Problem
from api.framework.serializers import ImageField, MoneyShape, ResourceSerializer, money
from api.framework.viewsets import SIGNED_IN, ReadOnlyResource
from api.resources import launch_requests
from catalog.models import Person
from jobs.batches import failures, spend
from jobs.launch import create as launch_create
from jobs.models import ProviderAccount, Result, Step, TryOnJob
from jobs.recipe import Recipe
from jobs.wakeups import wake_dispatcher
from providers.error_help import Remedy

# An app asks no more often than this, and no less; milliseconds.
POLL_LEAST, POLL_MOST = 500, 10_000
# Kinds of errors that the sender of the photo can do something about.
OF_THE_PHOTO = {"input", "content"}
# What is fetched of each finished image.
OF_IMAGES = ("job", "review", "owner", "sha256", "large", "thumb", "width", "height", "colour")
OUTCOMES = CANCELED, ASKED, LATE, ENDED = "canceled", "asked_provider", "too_late", "ended"


# --- what is sent


class JobOrder(launch_requests.OutfitShape):
    """Who wears what. Only team members choose the provider, and most of the recipe."""

    person = launch_requests.Pick(Person)
    provider = serializers.CharField(required=False, allow_blank=True, max_length=40)
    recipe = launch_requests.RecipeShape(required=False)
    again = serializers.BooleanField(
        default=False, help_text="Make it even if the same was made before."
    )


# --- what is shown


class OutfitIds(serializers.Serializer):
    # Its source is a job.
    top = serializers.IntegerField(source="top_id", allow_null=True)
    bottom = serializers.IntegerField(source="bottom_id", allow_null=True)
    dress = serializers.IntegerField(source="dress_id", allow_null=True)


class JobError(serializers.Serializer):
    """Why it failed. `code` and `message` are the provider's, for team members only."""

    kind = serializers.CharField()
    title = serializers.CharField()
    help = serializers.CharField()
    retry = serializers.BooleanField(help_text="Whether simply trying again may help.")
    code = serializers.CharField(allow_null=True)
    message = serializers.CharField(allow_null=True)


class FinishedImage(serializers.ModelSerializer):
    """Enough to show it; GET /results/{id} tells the rest."""

    review = serializers.SerializerMethodField()
    image = ImageField()

    class Meta:
        model = Result
        fields = ["id", "review", "image"]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(Result.Review.choices, allow_null=True))
    def get_review(self, result: Result) -> str | None:
        """Null for shoppers' own: nobody reviews them."""
        return None if result.owner_id else result.review


class JobSerializer(ResourceSerializer):
    outfit = OutfitIds(source="*", read_only=True)
    provider = serializers.SerializerMethodField()
    recipe = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    results = FinishedImage(source="finished_images", many=True, read_only=True)
    repeats = serializers.PrimaryKeyRelatedField(
        source="repeat_of", read_only=True, allow_null=True
    )
    repeated_by = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    cost = serializers.SerializerMethodField()
    can_cancel = serializers.SerializerMethodField()
    can_repeat = serializers.SerializerMethodField()
    poll_after_ms = serializers.SerializerMethodField()

    class Meta:
        model = TryOnJob
        fields = [
            *("id", "state", "batch", "person", "outfit", "provider", "recipe", "error"),
            *("results", "repeats", "repeated_by", "cost", "can_cancel", "can_repeat"),
            *("poll_after_ms", "created_at", "started_at", "finished_at", "updated_at"),
        ]
        read_only_fields = fields

    def get_provider(self, job: TryOnJob) -> str | None:
        """Null for shoppers, who do not see which provider makes it."""
        for_team = self.context["request"].user.has_perm("jobs.view_tryonjob")
        return job.account.alias if for_team else None

    @extend_schema_field(serializers.JSONField())
    def get_recipe(self, job: TryOnJob) -> dict[str, Any]:
        """Without its model for shoppers: that names the provider."""
        for_team = self.context["request"].user.has_perm("jobs.view_tryonjob")
        return job.recipe if for_team else without_provider(job.recipe)

    @extend_schema_field(JobError(allow_null=True))
    def get_error(self, job: TryOnJob) -> dict[str, Any] | None:
        for_team = self.context["request"].user.has_perm("jobs.view_tryonjob")
        remedy = failures.remedy_of_job(job) if for_team else shoppers_remedy(job)
        if remedy is None:
            return None
        return {
            "kind": job.error_kind or "unknown",
            "title": str(remedy.title),
            "help": str(remedy.help),
            "retry": remedy.retry,
            "code": job.error_code if for_team else None,
            "message": job.error_message if for_team else None,
        }

    @extend_schema_field(MoneyShape(allow_null=True))
    def get_cost(self, job: Any) -> Any:
        """What it was billed so far; null for those who do not see the ledger."""
        if not self.context["request"].user.has_perm("jobs.view_ledgerentry"):
            return None
        return money(sum((step.cost or Decimal(0) for step in job.billed_steps), Decimal(0)))

    def get_can_cancel(self, job: TryOnJob) -> bool:
        open_ = job.state in job.UNFINISHED and job.cancel_asked_at is None
        return open_ and self._may_change(job)

    def get_can_repeat(self, job: TryOnJob) -> bool:
        ended = job.state not in job.IN_FLIGHT and not hasattr(job, "repeated_by")
        return ended and self._may_change(job)

    def _may_change(self, job: TryOnJob) -> bool:
        user = self.context["request"].user
        return job.owner_id == user.pk or user.has_perm("jobs.change_tryonjob")

    def get_poll_after_ms(self, job: TryOnJob) -> int | None:
        """When to ask again; null once it has ended."""
        return poll_after_ms(job.account) if job.state in job.UNFINISHED else None


def without_provider(recipe: dict[str, Any]) -> dict[str, Any]:
    """A recipe as a shopper chooses it: models and further options are for team members."""
    return {name: value for name, value in recipe.items() if name not in {"model", "extra"}}


def shoppers_remedy(job: TryOnJob) -> Remedy | None:
    """What became of it, for shoppers: of their photos in full, of accounts and providers not."""
    remedy = failures.remedy_of_job(job)
    if remedy is None or job.error_kind in OF_THE_PHOTO:
        return remedy
    if job.state == job.State.NEEDS_ATTENTION:
        return Remedy(
            _("Nobody knows yet whether it was made"), _("It is settled within two days."), False
        )
    help_ = _("Try again later.") if remedy.retry else _("Try another photo or garment.")
    return Remedy(_("The try-on did not succeed"), help_, remedy.retry)


def poll_after_ms(account: ProviderAccount) -> int:
    """Half of what this account's jobs usually take."""
    usual = round((account.typical_s or 0) * 500)
    return min(max(usual, POLL_LEAST), POLL_MOST)


class CanceledJob(JobSerializer):
    outcome = serializers.ChoiceField(OUTCOMES, read_only=True)

    class Meta(JobSerializer.Meta):
        fields = [*JobSerializer.Meta.fields, "outcome"]
        read_only_fields = fields


# --- the views


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
        """With all that JobSerializer shows this user, in a constant number of queries."""
        images = Result.objects.visible_to(self.request.user)
        steps = Step.objects.only("job", "cost").order_by("id")
        found: QuerySet = rows.select_related("account").prefetch_related(
            "repeated_by",
            Prefetch("results", images.only(*OF_IMAGES).order_by("id"), to_attr="finished_images"),
            Prefetch("steps", steps, to_attr="billed_steps"),
        )
        return found

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
        return once(request, lambda: self._prepare(request))

    def _prepare(self, request: Request) -> Act:
        """What launches the order, once it is checked."""
        order = JobOrder(data=request.data, context=self.get_serializer_context())
        order.is_valid(raise_exception=True)
        values = order.validated_data
        if not (values["person"].owner_id or launch_requests.launches_for_team(request.user)):
            raise Problem("forbidden")
        account = launch_requests.account_for(request.user, values.get("provider", ""))
        return lambda: self._launch(values, account)

    def _launch(self, values: dict[str, Any], account: ProviderAccount) -> Response:
        user: Any = self.request.user
        cell, recipe = (values["person"], values["outfit"]), Recipe(**values.get("recipe", {}))
        day = launch_requests.quota_today(user)
        try:
            batch = launch_create.launch_cells(
                [cell],
                account=account,
                recipe=recipe,
                by=user,
                interactive=True,
                again=values["again"],
                owner=values["person"].owner,
            )
        except launch_create.AlreadyMade as made:
            return self._response(made.job_ids[0], 200)
        except launch_create.LaunchRefused as refused:
            raise launch_requests.cell_refused(refused, cell, account, recipe, user) from refused
        launch_requests.check_quota(day, 1, batch.estimate or Decimal(0))
        return self._response(batch.jobs.get().pk, 202)

    def _response(self, pk: int, status: int) -> Response:
        job = self.get_queryset().get(pk=pk)
        address = self.request.build_absolute_uri(reverse("jobs-detail", args=[pk]))
        return Response(self.get_serializer(job).data, status, headers={"Location": address})

    @extend_schema(request=None, responses=CanceledJob)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop it if that is possible still. Sent twice, it does no harm."""
        outcome = self._cancel(self._changeable())
        return Response(self.get_serializer(self.get_object()).data | {"outcome": outcome})

    def _cancel(self, job: TryOnJob) -> str:
        if job.ask_to_cancel(by=self.request.user):
            return CANCELED
        # It may have ended at this moment: then its provider is not asked.
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
        job = self._changeable()
        return once(request, lambda: lambda: self._repeat(job))

    def _repeat(self, job: TryOnJob) -> Response:
        new = launch_requests.repeat_job(self.request.user, job)
        if new is None:
            text = _("It has not ended, or has been asked for again already.")
            again = TryOnJob.objects.filter(repeat_of=job).values_list("pk", flat=True).first()
            raise Problem("conflict", text, repeated_by=again)
        return self._response(new.pk, 202)

    def _changeable(self) -> TryOnJob:
        """The job, if this user may change it. Raises Problem."""
        job: TryOnJob = self.get_object()
        if not (job.owner_id or self.request.user.has_perm("jobs.change_tryonjob")):
            raise Problem("forbidden")
        return job
