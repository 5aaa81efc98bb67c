"""Who may order what: the provider, the recipe, and how much of it today."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from catalog.models import Garment, Person

from ..launch import AlreadyMade, LaunchRefused, repeat
from ..models import Batch, ProviderAccount, Quota, TryOnJob
from ..models.quota import Day
from ..money import estimate
from ..providers import registry
from ..recipe import Recipe
from .exact import Exact
from .fields import money, stamp
from .problems import Problem

T = TypeVar("T")
_HIGHEST = 2**63 - 1
# What a shopper may say of how it is made; the rest is chosen, and paid for, by the house.
SHOPPERS_OPTIONS = {"keep_rest"}


def works_here(user: Any) -> bool:
    """Whether this user launches for the house, and not for himself."""
    return bool(user.has_perm("jobs.add_batch"))


class Pick(serializers.PrimaryKeyRelatedField):
    """The id of a row that the user may see and that is in use; any other does not exist."""

    def __init__(self, model: Any = None, **kwargs: Any) -> None:
        self.model = model
        pk = serializers.IntegerField(min_value=1, max_value=_HIGHEST)
        super().__init__(**({"pk_field": pk, "queryset": model and model.objects} | kwargs))

    def get_queryset(self) -> Any:
        if "request" not in self.context:
            return super().get_queryset()
        return self.model.objects.visible_to(self.context["request"].user).active()


class RecipeShape(Exact):
    """How it is made. Shoppers choose `keep_rest` only."""

    model = serializers.CharField(required=False, max_length=60)
    keep_rest = serializers.BooleanField(required=False)
    refine = serializers.BooleanField(required=False)
    samples = serializers.IntegerField(required=False, min_value=1, max_value=8)
    resolution = serializers.IntegerField(required=False, min_value=-1, max_value=10_000)
    restore_face = serializers.BooleanField(required=False)

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if works_here(self.context["request"].user):
            return sent
        words = _("Not yours to choose.")
        if wrong := {name: [words] for name in sent if name not in SHOPPERS_OPTIONS}:
            raise serializers.ValidationError(wrong)
        return sent


class OutfitShape(Exact):
    """A dress, or a top, or a bottom, or a top and a bottom: ids of garments."""

    top = Pick(Garment, required=False, allow_null=True)
    bottom = Pick(Garment, required=False, allow_null=True)
    dress = Pick(Garment, required=False, allow_null=True)

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        worn = {slot: sent[slot] for slot in Garment.Slot.values if sent.get(slot)}
        words = _("This garment goes elsewhere: it is of another slot.")
        if wrong := {slot: [words] for slot, garment in worn.items() if garment.slot != slot}:
            raise serializers.ValidationError(wrong)
        if not worn or ("dress" in worn and len(worn) > 1):
            words = _("An outfit is one dress, or a top, or a bottom, or both.")
            raise serializers.ValidationError(words)
        return sent | {"outfit": worn}


def person_field() -> Pick:
    return Pick(Person)


def account_for(user: Any, alias: str) -> ProviderAccount:
    """The account that makes it. Raises Problem where this user may not choose, or none is there.

    Shoppers get the one that the settings name, or the first that is ready; "" is the usual one
    for everybody.
    """
    if alias and not works_here(user):
        raise Problem("invalid", errors=[Problem.error("/provider", _("Not yours to choose."))])
    wanted = alias or ("" if works_here(user) else settings.SHOPPER_PROVIDER)
    offered = [wanted] if wanted else registry.offered()
    found = {a.alias: a for a in ProviderAccount.objects.filter(alias__in=offered)}
    ready = [found[name] for name in offered if name in found and name in registry.offered()]
    ready.sort(key=lambda account: account.state != ProviderAccount.State.OPEN)
    if ready:
        return ready[0]
    if alias:
        raise Problem(
            "invalid", errors=[Problem.error("/provider", _("There is no such provider."))]
        )
    raise Problem("unavailable", _("Nobody makes try-ons at the moment."))


def recipe_of(sent: dict[str, Any]) -> Recipe:
    return Recipe(**sent.get("recipe", {}))


def within_quota(user: Any, launch: Callable[[], Batch]) -> Batch:
    """What `launch` makes, if today's quota has room for it. Call it within a transaction.

    Raises Problem: `daily-limit-reached` or `budget-exhausted`, and whatever a launch refuses.
    """
    day = _today(user)
    batch = launched(launch)
    check(day, batch.jobs.count(), batch.estimate or Decimal(0))
    return batch


def repeated(user: Any, job: TryOnJob) -> TryOnJob | None:
    """The job asked for again, if today's quota has room for it; None as of launch.repeat.

    Call it within a transaction. Raises Problem.
    """
    day = _today(user)
    new = launched(lambda: repeat(job, user))
    if new is not None:
        now = timezone.now()
        check(day, 1, estimate(Recipe.load(job.recipe), job.account, 1, now).total)
    return new


def _today(user: Any) -> Day:
    """Two orders at one moment come one after the other, and the second counts the first."""
    users: Any = get_user_model()._default_manager
    users.select_for_update(no_key=True).get(pk=user.pk)
    return Quota.today(user, timezone.now())


def check(day: Day, count: int, price: Decimal) -> None:
    """Raises Problem where so many more, at that price, are too much for today."""
    ends = stamp(day.ends_at)
    if day.tryons is not None and day.used + count > day.tryons:
        words = _("You may ask for %(limit)d try-ons a day, and have asked for %(used)d.")
        told: dict[str, Any] = {"limit": day.tryons, "used": day.used}
        raise Problem("daily-limit-reached", words % told, resets_at=ends, **told)
    if day.budget is not None and day.spent + price > day.budget:
        amounts = {"limit": day.budget, "spent": day.spent, "estimate": price}
        told = {name: money(amount) for name, amount in amounts.items()}
        raise Problem("budget-exhausted", resets_at=ends, **told)


def launched(launch: Callable[[], T]) -> T:
    """Raises Problem with every reason of a refusal; AlreadyMade is for the caller."""
    try:
        return launch()
    except AlreadyMade:
        raise
    except LaunchRefused as refused:
        errors = [Problem.error("", reason, "refused") for reason in refused.reasons]
        raise Problem("refused", " ".join(refused.reasons), errors=errors) from refused
