"""Who may order what: the provider, the recipe, how much of it today; and why it is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from api.framework.problems import Problem
from api.framework.serializers import StrictSerializer, money, stamp
from catalog.models import Garment
from jobs.billing.charges import estimate
from jobs.launch.checks import check_cell, refusals
from jobs.launch.create import LaunchRefused, repeat
from jobs.launch.selection import Cell
from jobs.models import ProviderAccount, Quota, TryOnJob
from jobs.models.quota import Day
from jobs.recipe import Recipe
from providers import registry

HIGHEST = 2**63 - 1
# Of a serializer's context: rows by model and id, where an order names many.
FETCHED = "fetched"
# What a shopper may choose of how it is made; the rest is chosen, and paid for, by the team.
SHOPPERS_OPTIONS = {"keep_rest"}


def launches_for_team(user: Any) -> bool:
    """Whether this user launches for the team; shoppers launch for themselves."""
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
        return self.model.objects.visible_to(self.context["request"].user).active()

    def to_internal_value(self, data: Any) -> Any:
        """A row of those that an order of many has fetched at once, else fetched by itself."""
        known = self.context.get(FETCHED, {}).get(self.model)
        if known is None or isinstance(data, bool):
            return super().to_internal_value(data)
        pk = self.pk_field.to_internal_value(data)
        if pk not in known:
            self.fail("does_not_exist", pk_value=pk)
        return known[pk]


class RecipeShape(StrictSerializer):
    """How it is made. Shoppers choose `keep_rest` only."""

    model = serializers.CharField(required=False, max_length=60)
    keep_rest = serializers.BooleanField(required=False)
    refine = serializers.BooleanField(required=False)
    samples = serializers.IntegerField(required=False, min_value=1, max_value=8)
    resolution = serializers.IntegerField(required=False, min_value=-1, max_value=10_000)
    restore_face = serializers.BooleanField(required=False)

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        if launches_for_team(self.context["request"].user):
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


def account_for(user: Any, alias: str) -> ProviderAccount:
    """The account that makes it. Raises Problem where this user may not choose, or none is there.

    Shoppers get the one that the settings name, or the first that is ready; "" is the usual one
    for everybody.
    """
    for_team = launches_for_team(user)
    if alias and not for_team:
        raise Problem("invalid", errors=[Problem.error("/provider", _("Not yours to choose."))])
    wanted = alias or ("" if for_team else settings.SHOPPER_PROVIDER)
    offered = [name for name in registry.available() if wanted in ("", name)]
    found = {a.alias: a for a in ProviderAccount.objects.filter(alias__in=offered)}
    ready = [found[name] for name in offered if name in found]
    if ready:
        return min(ready, key=lambda account: account.state != ProviderAccount.State.OPEN)
    if alias:
        error = Problem.error("/provider", _("There is no such provider."))
        raise Problem("invalid", errors=[error])
    raise no_provider()


# --- how much of it today


def quota_today(user: Any) -> Day:
    """What the user may still ask for. Call it within a transaction.

    Two orders at one moment come one after the other, and the second counts the first.
    """
    users: Any = get_user_model()._default_manager
    users.select_for_update(no_key=True).get(pk=user.pk)
    return Quota.today(user, timezone.now())


def check_quota(day: Day, count: int, price: Decimal) -> None:
    """Raises Problem where so many more, at that price, are too much for today.

    `daily-limit-reached` or `budget-exhausted`.
    """
    if day.tryons is not None and day.used + count > day.tryons:
        text = _("You may ask for %(limit)d try-ons a day, and have asked for %(used)d.")
        numbers: dict[str, Any] = {"limit": day.tryons, "used": day.used}
        ends = stamp(day.ends_at)
        raise Problem("daily-limit-reached", text % numbers, resets_at=ends, **numbers)
    if day.budget is not None and day.spent + price > day.budget:
        amounts = {"limit": day.budget, "spent": day.spent, "estimate": price}
        members: dict[str, Any] = {name: money(amount) for name, amount in amounts.items()}
        raise Problem("budget-exhausted", resets_at=stamp(day.ends_at), **members)


def repeat_job(user: Any, job: TryOnJob) -> TryOnJob | None:
    """The job asked for again, if today's quota has room for it; None as of launch.repeat.

    Call it within a transaction. Raises Problem; also of what a shopper may not order any more.
    """
    worn = [garment.pk for garment in job.garments().values()]
    if Garment.objects.visible_to(user).filter(pk__in=worn).count() < len(worn):
        text = _("A garment of it is not shown any more: choose another.")
        raise Problem("refused", text, errors=[Problem.error("", text, "refused")])
    day, recipe = quota_today(user), Recipe.load(job.recipe)
    try:
        new = repeat(job, user)
    except LaunchRefused as refused:
        cell = job.person, job.garments()
        raise cell_refused(refused, cell, job.account, recipe, user) from refused
    if new is not None:
        check_quota(day, 1, estimate(recipe, job.account, 1, timezone.now()).total)
    return new


# --- why it is refused


def cell_refused(
    refused: LaunchRefused, cell: Cell, account: ProviderAccount, recipe: Recipe, user: Any
) -> Problem:
    """Why this one try-on is refused: each reason with a pointer to what is at fault."""
    for_team, found = launches_for_team(user), []
    if not registry.unavailable_reason(account.alias):
        found = refusals(check_cell(cell, account, recipe, timezone.localdate()))
    errors = []
    for each in found:
        text = each.message
        if each.of_photo:
            text = f"{text}. {each.remedy}"
        elif for_team:
            text += each.remedy
        pointer = f"/{each.pointer}" if each.pointer else ""
        errors.append(Problem.error(pointer, text, each.code))
    if errors:
        return Problem("refused", " ".join(error["detail"] for error in errors), errors=errors)
    # Nothing about this try-on: a budget of the team's, or its provider.
    return launch_refused(refused) if for_team else no_provider()


def launch_refused(refused: LaunchRefused) -> Problem:
    """As the portal says it: with names, providers and budgets, for the team only."""
    errors = [Problem.error("", reason, "refused") for reason in refused.reasons]
    return Problem("refused", " ".join(refused.reasons), errors=errors)


def no_provider() -> Problem:
    return Problem("unavailable", _("Nobody makes try-ons at the moment."))
