"""The form between choosing garments and launching try-ons."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.models import Garment, Person
from jobs import consent, photo_rules, prices
from jobs.launch import LaunchRefused, outfit_of
from jobs.models import ProviderAccount
from jobs.providers import registry
from jobs.quote import Quote, quote
from jobs.recipe import Recipe

from .launch_fields import IdList, Persons, Rows
from .readonly import is_id


class LaunchForm(forms.Form):
    class Combine(models.TextChoices):
        ALONE = "alone", _("Each garment alone")
        PAIRS = "pairs", _("Every top with every bottom; dresses alone")

    garments = Rows(Garment.objects.active(), widget=IdList)
    persons = Persons(
        Person.objects.active(), label=_("Persons"), widget=forms.CheckboxSelectMultiple
    )
    combine = forms.ChoiceField(
        label=_("Outfits"),
        choices=Combine.choices,
        initial=Combine.ALONE,
        widget=forms.RadioSelect,
    )
    account = forms.ModelChoiceField(
        ProviderAccount.objects.all(), label=_("Provider"), empty_label=None
    )
    model = forms.ChoiceField(label=_("Model"), required=False)
    keep_rest = forms.BooleanField(
        label=_("Keep the person's own other half"),
        required=False,
        help_text=_("For a top alone or a bottom alone."),
    )
    refine = forms.BooleanField(label=_("Refine afterwards"), required=False)
    override = forms.BooleanField(
        label=_("Send photos all the same that the provider would refuse"),
        required=False,
        help_text=_("A refused try-on costs nothing but time; a wrong finding costs one."),
    )
    again = forms.BooleanField(
        label=_("Make again what was made before"),
        required=False,
        help_text=_("Otherwise the stored result is offered, and nothing is spent on it."),
    )
    budget = forms.DecimalField(
        label=_("Budget of this batch (CNY)"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
        help_text=_("It stops before it would spend more. Empty: no limit of its own."),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Empty: the number of try-ons and the time."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = list(ProviderAccount.objects.all())
        self.refused = {a.alias: why for a in accounts if (why := registry.unavailable(a.alias))}
        offered = [a for a in accounts if a.alias not in self.refused]
        self._offered = [(a.pk, a.alias) for a in offered]
        # Only the widget's choices: a refused account that is posted anyway is told why.
        self._widget("account").choices = [(a.pk, _account_label(a)) for a in offered]
        groups = [(a.alias, _model_choices(a.alias)) for a in offered]
        self._choices("model").choices = [("", _("The provider's usual one")), *groups]

    def _widget(self, name: str) -> Any:
        return self.fields[name].widget

    def _choices(self, name: str) -> Any:
        return self.fields[name]

    def clean_account(self) -> ProviderAccount:
        account = self.cleaned_data["account"]
        if account.alias in self.refused:
            raise ValidationError(self.refused[account.alias])
        return account

    def clean_persons(self) -> QuerySet[Person]:
        """Before anybody looks at a price: no price helps where consent is missing."""
        persons: QuerySet[Person] = self.cleaned_data["persons"]
        if refused := consent.sentences(persons):
            raise ValidationError(refused)
        return persons

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if {"garments", "combine"} <= data.keys():
            try:
                data["outfits"] = self._outfits()
            except LaunchRefused as refused:
                raise ValidationError(refused.reasons) from refused
            if not data["outfits"]:
                self.add_error("combine", _("Choose at least one top and one bottom."))
        return data

    def _outfits(self) -> list[dict[str, Garment]]:
        garments = list(self.cleaned_data["garments"])
        if self.cleaned_data["combine"] == self.Combine.ALONE:
            return [outfit_of(garment) for garment in garments]
        by_slot: dict[str, list[Garment]] = {"top": [], "bottom": [], "dress": []}
        for garment in garments:
            by_slot[garment.slot].append(garment)
        pairs = [outfit_of(t, b) for t in by_slot["top"] for b in by_slot["bottom"]]
        return pairs + [outfit_of(dress) for dress in by_slot["dress"]]

    def chosen_garments(self) -> QuerySet[Garment]:
        """What the page shows as chosen, before the form is complete."""
        ids = filter(is_id, self["garments"].value() or ())
        return Garment.objects.active().filter(pk__in=list(ids))

    def recipe(self) -> Recipe:
        names = ("model", "keep_rest", "refine")
        return Recipe(**{name: self.cleaned_data[name] for name in names})

    @cached_property
    def quote(self) -> Quote | None:
        """None until the form is complete."""
        if not self.is_bound or not self.is_valid():
            return None
        data = self.cleaned_data
        cells = [(person, outfit) for person in data["persons"] for outfit in data["outfits"]]
        return quote(cells, data["account"], self.recipe(), again=data["again"])

    def reasons(self) -> list[str]:
        """Which budgets it does not fit into."""
        return self.quote.estimate.refusals(self.cleaned_data["budget"]) if self.quote else []

    def cells(self) -> list[photo_rules.Cell]:
        data = self.cleaned_data
        return [(person, outfit) for person in data["persons"] for outfit in data["outfits"]]

    def offered(self) -> list[str]:
        return [alias for _pk, alias in self._offered]

    def refused_cells(self) -> list[tuple[str, list[list[str]]]]:
        """Each cell that some provider would refuse, with the reasons of each; [] until valid."""
        if not self.is_bound or not self.is_valid():
            return []
        rows = photo_rules.table(self.cells(), self.offered())
        return [(cell, list(reasons.values())) for cell, reasons in rows]

    def is_agreed(self) -> bool:
        return self.quote is not None and self.data.get("agreed") == self.quote.key

    def order(self) -> dict[str, Any]:
        """The arguments of `launch`."""
        data = self.cleaned_data
        names = ("persons", "outfits", "account", "name", "budget", "again", "override")
        return {name: data[name] for name in names} | {"recipe": self.recipe()}


def _account_label(account: ProviderAccount) -> str:
    if account.state == account.State.OPEN:
        return account.alias
    return f"{account.alias} ({account.get_state_display()}: {account.pause_reason})"


def _model_choices(alias: str) -> list[tuple[str, str]]:
    known = registry.capabilities(alias).models.items()
    names = [name for name, model in known if model.operation == "tryon"]
    return [(name, f"{name}, {prices.table(alias, name).price_at(0)} CNY") for name in names]
