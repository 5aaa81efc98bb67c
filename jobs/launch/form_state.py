"""What stands on the launch page: who wears what, made how, by whom. Nothing is launched here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.models import Garment
from jobs.launch import axes as launch_axes
from jobs.launch import cell_selection
from jobs.launch.axes import MatrixAxes, OutfitKey, Selection
from jobs.launch.cell_selection import CellSelection
from jobs.launch.forms import RecipeForm, posted
from jobs.launch.matrix import Matrix
from jobs.launch.plan import Plan
from jobs.models import Batch, Preset, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from providers.contract import Capabilities

# What a preset or a past batch does not say, and the page keeps.
KEPT = ("name", "budget", "override", "preset")


class LaunchFormState:
    """Read from an address or a posted form alike. `remarks`: what to say at the top."""

    def __init__(self, data: QueryDict) -> None:
        self.data = data
        self.do = data.get("do", "")
        self.now = timezone.now()
        self.accounts = list(ProviderAccount.objects.all())
        self.presets = list(Preset.objects.select_related("account"))
        self.past = self._past_batch()
        self.selection, self.ticks = self._chosen()
        self.remarks = [*self.selection.remarks, *self._unknown_options()]

    # --- who wears what

    def _past_batch(self) -> Batch | None:
        pk = launch_axes.parse_ids([self.data.get("again", "")])
        return Batch.objects.team_owned().select_related("account").filter(pk__in=pk[:1]).first()

    def _chosen(self) -> tuple[Selection, CellSelection]:
        if self.past and "outfits" not in self.data:
            return self._from_past(self.past)
        axes = MatrixAxes(
            launch_axes.parse_ids(self.data.getlist("persons")),
            launch_axes.parse_outfits(self.data.get("outfits", "")),
        )
        wanted = CellSelection.read(self.data, axes)
        found = self._rearranged(Selection.load(self._added(axes)), wanted)
        return found, wanted.moved(found.axes)

    def _from_past(self, batch: Batch) -> tuple[Selection, CellSelection]:
        """The cells of a batch; with `code`, only those that failed for this cause."""
        jobs = batch.jobs.current().order_by("id")
        if "code" in self.data:
            code = self.data["code"]
            jobs = jobs.filter(state=TryOnJob.State.FAILED, error_code=code)
        rows = jobs.values_list("person", "top", "bottom", "dress")
        cells: list[tuple[int, OutfitKey]] = [(pk, tuple(filter(None, worn))) for pk, *worn in rows]
        axes = MatrixAxes(
            list(dict.fromkeys(c[0] for c in cells)), list(dict.fromkeys(c[1] for c in cells))
        )
        found = Selection.load(axes)
        return found, cell_selection.only(found.axes, cells)

    def _added(self, axes: MatrixAxes) -> MatrixAxes:
        """With what was chosen elsewhere, or in a picker of this page."""
        names = ["garments", "add_garment"] if self.do == "add" else ["garments"]
        wanted = launch_axes.parse_ids(text for name in names for text in self.data.getlist(name))
        new = launch_axes.each_alone(dict.fromkeys(wanted, ""))
        if self.data.get("combine") == "pairs":
            known = dict(Garment.objects.filter(pk__in=wanted).values_list("pk", "slot"))
            new = launch_axes.tops_with_bottoms({pk: known[pk] for pk in wanted if pk in known})
        persons = launch_axes.parse_ids(self.data.getlist("add_person")) if self.do == "add" else []
        return MatrixAxes(_joined(axes.persons, persons), _joined(axes.outfits, new))

    def _rearranged(self, found: Selection, wanted: CellSelection) -> Selection:
        if self.do in ("pairs", "alone"):
            arrange = (
                launch_axes.tops_with_bottoms if self.do == "pairs" else launch_axes.each_alone
            )
            return Selection.load(MatrixAxes(found.axes.persons, arrange(found.slots())))
        if self.do == "tidy":
            return Selection.load(wanted.moved(found.axes).tidied())
        return found

    @property
    def persons_value(self) -> str:
        return ",".join(map(str, self.selection.axes.persons))

    @property
    def outfits_value(self) -> str:
        return launch_axes.format_outfits(self.selection.axes.outfits)

    @property
    def paired(self) -> bool:
        """Whether tops are combined with bottoms now."""
        return any(len(outfit) > 1 for outfit in self.selection.outfits)

    # --- made how, and by whom

    def _unknown_options(self) -> list[str]:
        """What a recipe holds that was not chosen on this page, and so is lost here."""
        source = self.preset if self.do == "preset-load" else self.past
        if source is None or (source is self.past and "recipe" in self.data):
            return []
        known = {o.name for o in self._capabilities(source.account.alias).options}
        names = [name for name in Recipe.load(source.recipe).extra if name not in known]
        text = _("Options that cannot be chosen here are left out: %(names)s.")
        return [text % {"names": ", ".join(names)}] if names else []

    @staticmethod
    def _capabilities(alias: str) -> Capabilities:
        return registry.capabilities(alias) if not registry.unavailable(alias) else Capabilities({})

    @cached_property
    def offered(self) -> list[ProviderAccount]:
        return [a for a in self.accounts if not registry.unavailable(a.alias)]

    @cached_property
    def form(self) -> RecipeForm:
        form = RecipeForm(self._form_data(), self.accounts)
        form.is_valid()
        return form

    def _form_data(self) -> Mapping[str, Any]:
        kept = {name: self.data[name] for name in KEPT if name in self.data}
        if self.do == "preset-load" and self.preset:
            recipe = Recipe.load(self.preset.recipe)
            return kept | posted(recipe, self.preset.account)
        if "recipe" in self.data:
            return self.data
        if self.past:
            return kept | posted(Recipe.load(self.past.recipe), self.past.account)
        usual = self._usual()
        return kept | (posted(Recipe(), usual) if usual else {})

    def _usual(self) -> ProviderAccount | None:
        """The first that is ready, in the order of the settings."""
        by_alias = {account.alias: account for account in self.offered}
        ready = [by_alias[alias] for alias in registry.offered() if alias in by_alias]
        ready.sort(key=lambda account: account.state != account.State.OPEN)
        return ready[0] if ready else None

    @cached_property
    def preset(self) -> Preset | None:
        wanted = launch_axes.parse_ids([self.data.get("preset", "")])
        return next((preset for preset in self.presets if preset.pk in wanted), None)

    @cached_property
    def account(self) -> ProviderAccount | None:
        return self.form.account_or(self._usual())

    @cached_property
    def wanted_recipe(self) -> Recipe:
        return self.form.recipe(self.account) if self.account else Recipe()

    @cached_property
    def others(self) -> list[ProviderAccount]:
        """Further providers to make the same cells with, for comparison."""
        also = set(launch_axes.parse_ids(self.data.getlist("also")))
        return [a for a in self.offered if a.pk in also and a != self.account]

    @property
    def override(self) -> bool:
        return bool(self.form.cleaned_data.get("override"))

    @cached_property
    def plans(self) -> list[Plan]:
        """One for each provider, the chosen one first."""
        accounts = [self.account, *self.others] if self.account else []
        return [self._plan(account) for account in accounts if account]

    def _plan(self, account: ProviderAccount) -> Plan:
        recipe = self.wanted_recipe.adapted_to(registry.capabilities(account.alias))
        matrix = Matrix(
            account,
            recipe,
            self.selection.persons,
            self.selection.outfits,
            timezone.localdate(self.now),
            self.override,
        )
        return Plan(matrix, self.ticks.wanted, self.now)

    def left_out(self, plan: Plan) -> list[str]:
        """What this provider does not have of what was asked for."""
        asked, has = self.wanted_recipe, plan.recipe
        pairs = (
            (asked.keep_rest != has.keep_rest, _("keep the rest")),
            (asked.refine != has.refine, _("refine")),
            (asked.samples != has.samples, _("so many images of each cell")),
            (asked.resolution != has.resolution, _("resolution")),
            (asked.restore_face != has.restore_face, _("the face as it comes")),
            (plan.account == self.account and self._model_unknown(has), _("model")),
        )
        return [str(word) for differs, word in pairs if differs]

    def _model_unknown(self, has: Recipe) -> bool:
        """Not where another provider was chosen: its models are others."""
        changed = self.data.get("was", "") not in ("", str(self.account and self.account.pk))
        return (
            bool(self.wanted_recipe.model) and self.wanted_recipe.model != has.model and not changed
        )

    # --- what was agreed to

    @property
    def key(self) -> str:
        return ",".join(plan.key for plan in self.plans)

    def refusals(self) -> list[str]:
        """Which budgets it does not fit into."""
        budget = self.form.cleaned_data.get("budget")
        return [
            f"{plan.account}: {reason}" if self.others else reason
            for plan in self.plans
            for reason in plan.estimate.refusals(budget)
        ]

    def is_agreed(self) -> bool:
        """Whether exactly this was on the page when it was posted."""
        if not self.plans or not self.form.is_valid() or self.remarks:
            return False
        return self.data.get("agreed") == self.key and not self.left_out(self.plans[0])


def _joined(first: list[Any], second: list[Any]) -> list[Any]:
    return list(dict.fromkeys([*first, *second]))
