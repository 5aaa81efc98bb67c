"""What stands on the launch page: who wears what, made how, by whom. Nothing is launched here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Garment
from jobs.launch import selection
from jobs.launch.plan import Plan
from jobs.launch.selection import CellSelection, MatrixAxes, OutfitKey, Selection, parse_ids
from jobs.models import Batch, Preset, ProviderAccount, TryOnJob
from jobs.recipe import Recipe
from providers import registry
from providers.contract import Capabilities, Option

OPTION = "option-"
# What no preset or past batch has, and the page keeps.
KEPT = ("name", "budget", "override", "preset")


class RecipeForm(forms.Form):
    """A recipe for one of `accounts`, all of them usable. `Recipe.adapted_to` leaves out
    what that provider does not have."""

    account = forms.ModelChoiceField(ProviderAccount.objects.all(), label=gettext_lazy("Provider"))
    model = forms.CharField(max_length=100, required=False, label=gettext_lazy("Model"))
    resolution = forms.TypedChoiceField(
        coerce=int, required=False, label=gettext_lazy("Resolution")
    )
    restore_face = forms.BooleanField(required=False)
    keep_rest = forms.BooleanField(required=False)
    refine = forms.BooleanField(required=False)
    override = forms.BooleanField(required=False)
    samples = forms.IntegerField(
        min_value=1, max_value=20, required=False, label=gettext_lazy("Images of each cell")
    )
    budget = forms.DecimalField(
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
        label=gettext_lazy("Stop at ¥"),
    )
    name = forms.CharField(max_length=120, required=False, label=gettext_lazy("Batch name"))
    preset_name = forms.CharField(max_length=60, required=False, label=gettext_lazy("Recipe name"))

    def __init__(self, data: Mapping[str, Any], accounts: Sequence[ProviderAccount]) -> None:
        super().__init__(data)
        self.usable = {account.pk for account in accounts}
        every = {r for a in accounts for r in registry.capabilities(a.alias).resolutions}
        field: Any = self.fields["resolution"]
        field.choices = [(r, str(r)) for r in sorted(every | {-1})]

    def clean_account(self) -> ProviderAccount:
        account: ProviderAccount = self.cleaned_data["account"]
        if account.pk not in self.usable:
            raise forms.ValidationError(registry.unavailable_reason(account.alias))
        return account

    def recipe(self, options: Sequence[Option]) -> Recipe:
        """What was asked for, also where another field is wrong.

        `options`: the provider's own; an unknown choice is left out, as if it had not been made.
        """
        data = self.cleaned_data
        extra: dict[str, Any] = {}
        for option in options:
            key = self.data.get(OPTION + option.name, "")
            values = [choice.value for choice in option.choices if choice.key == key]
            if values or (key and not option.choices):
                extra[option.name] = values[0] if values else True
        return Recipe(
            model=data.get("model") or "",
            keep_rest=bool(data.get("keep_rest")),
            refine=bool(data.get("refine")),
            samples=data.get("samples") or 1,
            resolution=data.get("resolution") or -1,
            restore_face=bool(data.get("restore_face")),
            extra=extra,
        )


class LaunchFormState:
    """Read from an address or a posted form alike, all of it at once.

    `selection`, `cells`: who wears what, and what is wanted of each cell. `account`, `others`: by
    whom, the chosen provider first; None where none can be used. `wanted_recipe`: what was asked
    for; each plan has what its provider has of it. `remarks`: sentences for the top of the page.
    """

    def __init__(self, data: QueryDict) -> None:
        self.data = data
        self.do = data.get("do", "")
        self.now = timezone.now()
        self.accounts = list(ProviderAccount.objects.all())
        self.usable = [a for a in self.accounts if not registry.unavailable_reason(a.alias)]
        self.presets = list(Preset.objects.select_related("account"))
        chosen = parse_ids([data.get("preset", "")])
        self.preset = next((preset for preset in self.presets if preset.pk in chosen), None)
        self.past = self._past_batch() if data.get("again") else None
        self.selection, self.cells = self._read_cells()
        self.form = RecipeForm(self._form_data(), self.usable)
        self.form.is_valid()
        self.account = self.form.cleaned_data.get("account") or self._usual_account()
        also = set(parse_ids(data.getlist("also")))
        self.others = [a for a in self.usable if a.pk in also and a != self.account]
        self.override = bool(self.form.cleaned_data.get("override"))
        self.wanted_recipe = Recipe()
        if self.account:
            options = registry.capabilities(self.account.alias).options
            self.wanted_recipe = self.form.recipe(options)
        self.remarks = [*self.selection.remarks, *self._lost_options()]

    def _past_batch(self) -> Batch | None:
        pk = parse_ids(self.data.getlist("again"))
        return Batch.objects.team_owned().select_related("account").filter(pk__in=pk[:1]).first()

    # --- who wears what

    def _read_cells(self) -> tuple[Selection, CellSelection]:
        if self.past and "outfits" not in self.data:
            return self._cells_of(self.past)
        axes = MatrixAxes(
            parse_ids(self.data.getlist("persons")),
            selection.parse_outfits(self.data.get("outfits", "")),
        )
        wanted = CellSelection.read(self.data, axes)
        if {"garments", "add_garment", "add_person"} & self.data.keys():
            axes = self._with_added(axes)
        found = Selection.load(axes)
        if self.do == "pairs":
            outfits = selection.tops_with_bottoms(found.slots())
            found = Selection.load(MatrixAxes(found.axes.persons, outfits))
        elif self.do == "alone":
            found = Selection.load(MatrixAxes(found.axes.persons, [(pk,) for pk in found.slots()]))
        elif self.do == "tidy":
            found = Selection.load(wanted.moved(found.axes).tidied())
        return found, wanted.moved(found.axes)

    def _cells_of(self, batch: Batch) -> tuple[Selection, CellSelection]:
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
        return found, selection.only(found.axes, cells)

    def _with_added(self, axes: MatrixAxes) -> MatrixAxes:
        """With what was chosen elsewhere, or in a picker of this page."""
        names = ["garments", "add_garment"] if self.do == "add" else ["garments"]
        wanted = parse_ids(text for name in names for text in self.data.getlist(name))
        outfits: list[OutfitKey] = [(pk,) for pk in wanted]
        if self.data.get("combine") == "pairs":
            known = dict(Garment.objects.filter(pk__in=wanted).values_list("pk", "slot"))
            outfits = selection.tops_with_bottoms({pk: known[pk] for pk in wanted if pk in known})
        persons = parse_ids(self.data.getlist("add_person")) if self.do == "add" else []
        return MatrixAxes(
            list(dict.fromkeys([*axes.persons, *persons])),
            list(dict.fromkeys([*axes.outfits, *outfits])),
        )

    @property
    def paired(self) -> bool:
        """Whether tops are combined with bottoms now."""
        return any(len(outfit) > 1 for outfit in self.selection.outfits)

    # --- made how, and by whom

    def _lost_options(self) -> list[str]:
        """What a recipe holds that was not chosen on this page, and so is lost here."""
        source = self.preset if self.do == "preset-load" else self.past
        if source is None or (source is self.past and "recipe" in self.data):
            return []
        usable = not registry.unavailable_reason(source.account.alias)
        has = registry.capabilities(source.account.alias) if usable else Capabilities({})
        known = {option.name for option in has.options}
        names = [name for name in Recipe.load(source.recipe).extra if name not in known]
        text = _("Options that cannot be chosen here are left out: %(names)s.")
        return [text % {"names": ", ".join(names)}] if names else []

    def _form_data(self) -> Mapping[str, Any]:
        kept = {name: self.data[name] for name in KEPT if name in self.data}
        if self.do == "preset-load" and self.preset:
            return kept | as_posted(Recipe.load(self.preset.recipe), self.preset.account)
        if "recipe" in self.data:
            return self.data
        if self.past:
            return kept | as_posted(Recipe.load(self.past.recipe), self.past.account)
        usual = self._usual_account()
        return kept | (as_posted(Recipe(), usual) if usual else {})

    def _usual_account(self) -> ProviderAccount | None:
        """The first that is ready, in the order of the settings."""
        order = registry.available()
        ready = [account for account in self.usable if account.alias in order]
        ready.sort(key=lambda a: (a.state != a.State.OPEN, order.index(a.alias)))
        return ready[0] if ready else None

    @cached_property
    def plans(self) -> list[Plan]:
        """One for each provider, the chosen one first."""
        return [
            Plan.of(
                self.selection.cells,
                account,
                self.wanted_recipe.adapted_to(registry.capabilities(account.alias)),
                self.now,
                wanted=self.cells.wanted,
                override=self.override,
            )
            for account in ([self.account, *self.others] if self.account else [])
        ]

    def left_out(self, plan: Plan) -> list[str]:
        """What this provider does not have of what was asked for."""
        asked, has = self.wanted_recipe, plan.recipe
        # Not where another provider was chosen: its models are others.
        changed = self.data.get("was", "") not in ("", str(self.account and self.account.pk))
        other_model = plan.account == self.account and not changed and bool(asked.model)
        pairs = (
            (asked.keep_rest != has.keep_rest, _("keep the rest")),
            (asked.refine != has.refine, _("refine")),
            (asked.samples != has.samples, _("so many images of each cell")),
            (asked.resolution != has.resolution, _("resolution")),
            (asked.restore_face != has.restore_face, _("the face as it comes")),
            (other_model and asked.model != has.model, _("model")),
        )
        return [str(word) for differs, word in pairs if differs]

    # --- what was agreed to

    @property
    def agreement(self) -> str:
        return ",".join(plan.agreement for plan in self.plans)

    def refusals(self) -> list[str]:
        """Which budgets it does not fit into."""
        budget = self.form.cleaned_data.get("budget")
        return [
            f"{registry.provider_name(plan.account.alias)}: {reason}" if self.others else reason
            for plan in self.plans
            for reason in plan.estimate.refusals(budget)
        ]

    def is_agreed(self) -> bool:
        """Whether exactly this was on the page when it was posted."""
        if not self.plans or not self.form.is_valid() or self.remarks:
            return False
        return self.data.get("agreed") == self.agreement and not self.left_out(self.plans[0])


def as_posted(recipe: Recipe, account: ProviderAccount) -> dict[str, Any]:
    """A recipe as the form would have posted it."""
    names = ("model", "resolution", "restore_face", "keep_rest", "refine", "samples")
    values = {name: getattr(recipe, name) for name in names}
    fields: dict[str, Any] = {name: value for name, value in values.items() if value is not False}
    fields["account"] = account.pk
    for option in registry.capabilities(account.alias).options:
        value = recipe.extra.get(option.name)
        keys = [choice.key for choice in option.choices if choice.value == value]
        if keys or (value and not option.choices):
            fields[OPTION + option.name] = keys[0] if keys else "on"
    return fields
