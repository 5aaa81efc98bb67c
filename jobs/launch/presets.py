"""Recipes kept by name: saved from the launch page, changed and deleted there."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jobs.models import Preset, ProviderAccount
from jobs.recipe import Recipe


class PresetRefused(ValueError):
    """Nothing was saved; the message has the reason, and what to do."""


def save(name: str, account: ProviderAccount, recipe: Recipe, by: Any) -> Preset:
    """Keep a recipe under a new name. Raises PresetRefused."""
    name = name.strip()
    if not name:
        raise PresetRefused(_("Give the recipe a name first."))
    try:
        with transaction.atomic():
            return Preset.objects.create(
                name=name, account=account, recipe=recipe.dump(), created_by=by
            )
    except IntegrityError as error:
        raise PresetRefused(
            _("There is a recipe of this name: choose another name, or choose it and update it.")
        ) from error


def update(preset: Preset, account: ProviderAccount, recipe: Recipe) -> None:
    Preset.objects.filter(pk=preset.pk).update(account=account, recipe=recipe.dump())
