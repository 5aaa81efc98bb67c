"""How a launch is to be made: the recipe and the limits, as the launch page posts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from providers import registry
from providers.contract import Option

OPTION = "option-"


class RecipeForm(forms.Form):
    """A recipe for one of `accounts`. What that provider does not have is for `fitted` to say."""

    account = forms.ModelChoiceField(ProviderAccount.objects.all(), label=_("Provider"))
    model = forms.CharField(max_length=100, required=False, label=_("Model"))
    resolution = forms.TypedChoiceField(coerce=int, required=False, label=_("Resolution"))
    restore_face = forms.BooleanField(required=False)
    keep_rest = forms.BooleanField(required=False)
    refine = forms.BooleanField(required=False)
    override = forms.BooleanField(required=False)
    samples = forms.IntegerField(
        min_value=1, max_value=20, required=False, label=_("Images of each cell")
    )
    budget = forms.DecimalField(
        min_value=0, max_digits=10, decimal_places=2, required=False, label=_("Stop at ¥")
    )
    name = forms.CharField(max_length=120, required=False, label=_("Batch name"))
    preset_name = forms.CharField(max_length=60, required=False, label=_("Recipe name"))

    def __init__(self, data: Mapping[str, Any], accounts: Sequence[ProviderAccount]) -> None:
        super().__init__(data)
        self.offered = {a.pk: a for a in accounts if not registry.unavailable(a.alias)}
        every = {r for a in self.offered.values() for r in self._of(a).resolutions}
        field: Any = self.fields["resolution"]
        field.choices = [(r, str(r)) for r in sorted(every | {-1})]

    @staticmethod
    def _of(account: ProviderAccount) -> Any:
        return registry.capabilities(account.alias)

    def clean_account(self) -> ProviderAccount:
        account = self.cleaned_data["account"]
        if account.pk not in self.offered:
            raise forms.ValidationError(registry.unavailable(account.alias))
        return account

    def account_or(self, fallback: ProviderAccount | None) -> ProviderAccount | None:
        return self.cleaned_data.get("account") or fallback

    def recipe(self, account: ProviderAccount) -> Recipe:
        """What was asked for, also where another field is wrong."""
        data = self.cleaned_data
        return Recipe(
            model=data.get("model") or "",
            keep_rest=bool(data.get("keep_rest")),
            refine=bool(data.get("refine")),
            samples=data.get("samples") or 1,
            resolution=data.get("resolution") or -1,
            restore_face=bool(data.get("restore_face")),
            extra=chosen(self._of(account).options, self.data),
        )


def chosen(options: Sequence[Option], posted: Mapping[str, Any]) -> dict[str, Any]:
    """The provider's own options; an unknown choice is left out, as if it had not been made."""
    found: dict[str, Any] = {}
    for option in options:
        key = posted.get(OPTION + option.name, "")
        values = [choice.value for choice in option.choices if choice.key == key]
        if values or (key and not option.choices):
            found[option.name] = values[0] if values else True
    return found


def posted(recipe: Recipe, account: ProviderAccount) -> dict[str, Any]:
    """A recipe as the form would have posted it."""
    names = ("model", "resolution", "restore_face", "keep_rest", "refine", "samples")
    values = {name: getattr(recipe, name) for name in names}
    fields = {name: value for name, value in values.items() if value is not False}
    return fields | {"account": account.pk} | _options(recipe, account)


def _options(recipe: Recipe, account: ProviderAccount) -> dict[str, str]:
    found = {}
    for option in registry.capabilities(account.alias).options:
        value = recipe.extra.get(option.name)
        keys = [choice.key for choice in option.choices if choice.value == value]
        if keys or (value and not option.choices):
            found[OPTION + option.name] = keys[0] if keys else "on"
    return found
