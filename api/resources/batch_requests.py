"""A launch as an app asks for it: what it would make and cost first, then exactly that."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers

from api.framework.problems import Problem
from api.framework.serializers import MoneyShape, StrictSerializer, money
from api.resources import launch_requests
from catalog.models import Garment, Person
from jobs.launch.create import AlreadyMade, LaunchRefused, launch_plans
from jobs.launch.matrix import NO, Matrix
from jobs.launch.plan import Plan
from jobs.launch.selection import MAKE, MOST_CELLS, REMAKE, SKIP
from jobs.models import Batch
from jobs.recipe import Recipe
from providers import registry


class Budget(serializers.DecimalField):
    """An amount, or null: an empty text is neither."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data == "":
            self.fail("invalid")
        found: tuple[bool, Any] = super().validate_empty_values(data)
        return found


class BatchOrder(StrictSerializer):
    """Every person in every outfit. `agreement` is the estimate's: launched is what was shown."""

    persons = launch_requests.Pick(Person, many=True, allow_empty=False)
    outfits = launch_requests.OutfitShape(many=True, allow_empty=False)
    provider = serializers.CharField(required=False, allow_blank=True, max_length=40)
    recipe = launch_requests.RecipeShape(required=False)
    name = serializers.CharField(required=False, allow_blank=True, max_length=120)
    budget = Budget(required=False, allow_null=True, max_digits=10, decimal_places=2, min_value=0)
    again = serializers.BooleanField(
        default=False, help_text="Make also what was made before; it is paid for again."
    )
    agreement = serializers.CharField(required=False, max_length=100)

    def to_internal_value(self, data: Any) -> Any:
        """Counted before anything is looked up, and looked up in one question of each kind."""
        if isinstance(data, dict):
            persons, outfits = (_listed(data.get(name)) for name in ("persons", "outfits"))
            if max(len(persons), len(outfits), len(persons) * len(outfits)) > MOST_CELLS:
                words = _("One launch takes %d try-ons: launch the others apart.") % MOST_CELLS
                raise serializers.ValidationError({"non_field_errors": [words]})
            self._fetch(Person, persons)
            self._fetch(Garment, (pk for outfit in outfits for pk in _worn(outfit)))
        return super().to_internal_value(data)

    def _fetch(self, model: Any, sent: Iterable[Any]) -> None:
        pks = {int(pk) for pk in sent if _is_id(pk)}
        rows = model.objects.visible_to(self.context["request"].user).active()
        self.context.setdefault(launch_requests.FETCHED, {})[model] = rows.in_bulk(pks)


def _listed(sent: Any) -> list[Any]:
    return sent if isinstance(sent, list) else []


def _worn(outfit: Any) -> list[Any]:
    return [outfit.get(slot) for slot in Garment.Slot.values] if isinstance(outfit, dict) else []


def _is_id(sent: Any) -> bool:
    whole = isinstance(sent, int) or (isinstance(sent, float) and sent.is_integer())
    return whole and 0 < sent <= launch_requests.HIGHEST


class RefusedCell(serializers.Serializer):
    person = serializers.IntegerField()
    outfit = serializers.DictField(child=serializers.IntegerField())
    reason = serializers.CharField(help_text="Two words; `refusals` has the sentences.")


class EstimateShape(serializers.Serializer):
    provider = serializers.CharField()
    count = serializers.IntegerField(help_text="Try-ons that would be made and paid for.")
    made_before = serializers.IntegerField(help_text="Offered with the batch, and free.")
    refused = RefusedCell(many=True)
    refusals = serializers.ListField(child=serializers.CharField())
    total = MoneyShape()
    seconds = serializers.FloatField(help_text="At the account's limits, if it does nothing else.")
    agreement = serializers.CharField()


def plan_of(order: BatchOrder, user: Any) -> Plan:
    """What this order would make, as of now. Raises Problem."""
    values = order.validated_data
    account = launch_requests.account_for(user, values.get("provider", ""))
    if why := registry.unavailable_reason(account.alias):
        raise Problem("unavailable", why)
    recipe = Recipe(**values.get("recipe", {}))
    recipe = recipe.with_default_model(registry.capabilities(account.alias))
    persons = {person.pk: person for person in values["persons"]}.values()
    outfits = [outfit["outfit"] for outfit in values["outfits"]]
    cells = [(person, outfit) for person in persons for outfit in outfits]
    wanted = (REMAKE if values["again"] else MAKE) * len(cells)
    return Plan.of(cells, account, recipe, timezone.now(), wanted=wanted)


def estimate(plan: Plan, budget: Decimal | None) -> dict[str, Any]:
    """Its EstimateShape."""
    matrix = Matrix.of(plan)
    reasons = [notice.text for notice in matrix.notices if notice.css == "is-bad"]
    cells = zip(plan.cells, matrix.statuses, strict=True)
    reused = (each.existing and each.wanted != SKIP and not each.is_made for each in plan.cells)
    return {
        "provider": plan.account.alias,
        "count": plan.count,
        "made_before": sum(map(bool, reused)),
        "refused": [
            {
                "person": each.cell[0].pk,
                "outfit": {slot: garment.pk for slot, garment in each.cell[1].items()},
                "reason": str(status.word),
            }
            for each, status in cells
            if status.kind == NO
        ],
        "refusals": [*plan.estimate.refusals(budget), *reasons],
        "total": money(plan.estimate.total),
        "seconds": round(plan.seconds, 1),
        "agreement": plan.agreement,
    }


def launch(plan: Plan, order: BatchOrder, user: Any) -> Batch:
    """The batch of exactly what was agreed to. In a transaction. Raises Problem."""
    values = order.validated_data
    name, budget = values.get("name", ""), values.get("budget")
    if values.get("agreement") != plan.agreement:
        text = _("The number or the price is another by now: look at the estimate again.")
        raise Problem("conflict", text, estimate=estimate(plan, budget))
    day = launch_requests.quota_today(user)
    try:
        [batch] = launch_plans([plan], by=user, name=name, budget=budget).batches
    except AlreadyMade as made:
        raise Problem("refused", str(made)) from made
    except LaunchRefused as refused:
        raise launch_requests.launch_refused(refused) from refused
    launch_requests.check_quota(day, plan.count, batch.estimate or Decimal(0))
    return batch
