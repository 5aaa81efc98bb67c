"""Who may order what: the provider, the recipe, and how much of it today."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from api.framework.problems import Problem
from api.framework.serializers import StrictSerializer, money, stamp
from api.resources.launch_refusals import Explain, SingleCellRefusals, all_reasons, launched, nobody
from catalog.models import Garment, Person
from jobs.billing.charges import estimate
from jobs.launch.create import repeat
from jobs.models import Batch, ProviderAccount, Quota, TryOnJob
from jobs.models.quota import Day
from jobs.recipe import Recipe
from providers import registry

HIGHEST = 2**63 - 1
# Of a serializer's context: rows by model and id, where an order names many.
FETCHED = "fetched"
# What a shopper may say of how it is made; the rest is chosen, and paid for, by the house.
SHOPPERS_OPTIONS = {"keep_rest"}


def works_here(user: Any) -> bool:
    """Whether this user launches for the house, and not for himself."""
    return bool(user.has_perm("jobs.add_batch"))


class Pick(serializers.PrimaryKeyRelatedField):
    """The id of a row that the user may see and that is in use; any other does not exist."""

    def __init__(self, model: Any = None, **kwargs: Any) -> None:
        self.model = model
        pk = serializers.IntegerField(min_value=1, max_value=HIGHEST)
        super().__init__(**({"pk_field": pk, "queryset": model and model.objects} | kwargs))

    def get_queryset(self) -> Any:
        if "request" not in self.context:
            return super().get_queryset()
        return pickable(self.model, self.context["request"].user)

    def to_internal_value(self, data: Any) -> Any:
        """A row of those that an order of many has fetched at once, else fetched by itself."""
        known = self.context.get(FETCHED, {}).get(self.model)
        if known is None or isinstance(data, bool):
            return super().to_internal_value(data)
        pk = self.pk_field.to_internal_value(data)
        if pk not in known:
            self.fail("does_not_exist", pk_value=pk)
        return known[pk]


def pickable(model: Any, user: Any) -> Any:
    return model.objects.visible_to(user).active()


class RecipeShape(StrictSerializer):
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


class OutfitShape(StrictSerializer):
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
    raise nobody()


def recipe_of(sent: dict[str, Any]) -> Recipe:
    return Recipe(**sent.get("recipe", {}))


def within_quota(user: Any, launch: Callable[[], Batch], explain: Explain = all_reasons) -> Batch:
    """What `launch` makes, if today's quota has room for it. Call it within a transaction.

    Raises Problem: `daily-limit-reached` or `budget-exhausted`, and what `explain` makes of a
    refusal.
    """
    day = _today(user)
    batch = launched(launch, explain)
    check(day, batch.jobs.count(), batch.estimate or Decimal(0))
    return batch


def repeated(user: Any, job: TryOnJob) -> TryOnJob | None:
    """The job asked for again, if today's quota has room for it; None as of launch.repeat.

    Call it within a transaction. Raises Problem.
    """
    _still_shown(user, job)
    day, recipe = _today(user), Recipe.load(job.recipe)
    why = SingleCellRefusals((job.person, job.garments()), job.account, recipe, works_here(user))
    new = launched(lambda: repeat(job, user), why)
    if new is not None:
        check(day, 1, estimate(recipe, job.account, 1, timezone.now()).total)
    return new


def _still_shown(user: Any, job: TryOnJob) -> None:
    """What a shopper may not order any more, he may not order again either. Raises Problem."""
    worn = [garment.pk for garment in job.garments().values()]
    if Garment.objects.visible_to(user).filter(pk__in=worn).count() < len(worn):
        words = _("A garment of it is not shown any more: choose another.")
        raise Problem("refused", words, errors=[Problem.error("", words, "refused")])


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
