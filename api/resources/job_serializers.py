"""A job as the API tells it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.framework.serializers import ImageField, MoneyShape, ResourceSerializer, money
from jobs.batches import failures
from jobs.models import ProviderAccount, Result, Step, TryOnJob
from providers.error_kinds import Remedy

# A phone asks no more often than this, and no less; milliseconds.
POLL_LEAST, POLL_MOST = 500, 10_000
# What is fetched of each finished image.
SHOWN = ("job", "review", "owner", "sha256", "large", "thumb", "width", "height", "colour")
# Kinds of errors that whoever sent the photo can do something about.
OF_THE_PHOTO = {"input", "content"}


class OutfitIds(serializers.Serializer):
    top = serializers.IntegerField(allow_null=True)
    bottom = serializers.IntegerField(allow_null=True)
    dress = serializers.IntegerField(allow_null=True)


class JobError(serializers.Serializer):
    """Why it failed. `code` and `message` are the provider's, for the house only."""

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
    outfit = serializers.SerializerMethodField()
    provider = serializers.SerializerMethodField()
    recipe = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    results = serializers.SerializerMethodField()
    repeats = serializers.PrimaryKeyRelatedField(
        source="repeat_of", read_only=True, allow_null=True
    )
    repeated_by = serializers.SerializerMethodField()
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

    @extend_schema_field(OutfitIds)
    def get_outfit(self, job: TryOnJob) -> dict[str, int | None]:
        return outfit_ids(job)

    def get_provider(self, job: TryOnJob) -> str | None:
        """Null for shoppers: who makes it is the house's business."""
        return job.account.alias if self._sees("jobs.view_tryonjob") else None

    @extend_schema_field(serializers.JSONField())
    def get_recipe(self, job: TryOnJob) -> dict[str, Any]:
        """Without its model for shoppers: that names the provider."""
        inside = self._sees("jobs.view_tryonjob")
        return job.recipe if inside else without_provider(job.recipe)

    @extend_schema_field(JobError(allow_null=True))
    def get_error(self, job: TryOnJob) -> dict[str, Any] | None:
        inside = self._sees("jobs.view_tryonjob")
        said = failures.remedy_of_job(job) if inside else plain_words(job)
        if said is None:
            return None
        words = {"title": str(said.title), "help": str(said.help), "retry": said.retry}
        code, message = (job.error_code, job.error_message) if inside else (None, None)
        return {"kind": job.error_kind or "unknown", **words, "code": code, "message": message}

    @extend_schema_field(FinishedImage(many=True))
    def get_results(self, job: Any) -> list[dict[str, Any]]:
        shown: list[dict[str, Any]] = FinishedImage(
            job.finished_images, many=True, context=self.context
        ).data
        return shown

    def get_repeated_by(self, job: Any) -> int | None:
        return getattr(getattr(job, "repeated_by", None), "pk", None)

    @extend_schema_field(MoneyShape(allow_null=True))
    def get_cost(self, job: Any) -> Any:
        """What it was billed so far; null for those who do not see the ledger."""
        if not self._sees("jobs.view_ledgerentry"):
            return None
        return money(sum((step.cost or Decimal(0) for step in job.billed_steps), Decimal(0)))

    def get_can_cancel(self, job: TryOnJob) -> bool:
        open_ = job.state in job.UNFINISHED and job.cancel_asked_at is None
        return open_ and self._may_change(job)

    def get_can_repeat(self, job: TryOnJob) -> bool:
        ended = job.state not in job.IN_FLIGHT and self.get_repeated_by(job) is None
        return ended and self._may_change(job)

    def _may_change(self, job: TryOnJob) -> bool:
        own = job.owner_id is not None and job.owner_id == self.context["request"].user.pk
        return own or self._sees("jobs.change_tryonjob")

    def get_poll_after_ms(self, job: TryOnJob) -> int | None:
        """When to ask again; null once it has ended."""
        return poll_after_ms(job.account) if job.state in job.UNFINISHED else None

    def _sees(self, right: str) -> bool:
        return bool(self.context["request"].user.has_perm(right))


def without_provider(recipe: dict[str, Any]) -> dict[str, Any]:
    """A recipe as a shopper chooses it: models and further options are the house's business."""
    return {name: value for name, value in recipe.items() if name not in {"model", "extra"}}


def plain_words(job: TryOnJob) -> Remedy | None:
    """What became of it, for shoppers: of their photos in full, of accounts and providers not."""
    said = failures.remedy_of_job(job)
    if said is None or job.error_kind in OF_THE_PHOTO:
        return said
    if job.state == job.State.NEEDS_ATTENTION:
        return Remedy(
            _("Nobody knows yet whether it was made"), _("It is settled within two days."), False
        )
    help_ = _("Try again later.") if said.retry else _("Try another photo or garment.")
    return Remedy(_("The try-on did not succeed"), help_, said.retry)


def outfit_ids(job: TryOnJob) -> dict[str, int | None]:
    return {"top": job.top_id, "bottom": job.bottom_id, "dress": job.dress_id}


def poll_after_ms(account: ProviderAccount) -> int:
    """Half of what this account's jobs usually take."""
    usual = round((account.typical_s or 0) * 500)
    return min(max(usual, POLL_LEAST), POLL_MOST)


def with_shape(jobs: QuerySet, user: Any) -> QuerySet:
    """With all that JobSerializer tells this user, in a constant number of queries."""
    images = Result.objects.finished().visible_to(user).only(*SHOWN).order_by("id")
    steps = Step.objects.only("job", "cost").order_by("id")
    return jobs.select_related("account").prefetch_related(
        "repeated_by",
        Prefetch("results", images, to_attr="finished_images"),
        Prefetch("steps", steps, to_attr="billed_steps"),
    )
