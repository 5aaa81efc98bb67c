"""The kinds of outfit that figures are grouped by: dress, top, bottom, or top and bottom."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Case, CharField, F, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from catalog.models import Garment

KINDS = ("top", "bottom", "dress", "pair")


def kind_of(garments: Mapping[str, object]) -> str:
    """Return the kind of an outfit, given by slot."""
    return "pair" if len(garments) > 1 else next(iter(garments), "")


def kind_label(kind: str) -> str:
    if kind == "pair":
        return _("Top + bottom")
    return str(Garment.Slot(kind).label) if kind else _("Deleted since")


def group_columns(job: str) -> dict[str, Combinable]:
    """Annotations to group figures by, for the job at the end of this path ("" or "job__")."""
    worn = {
        "dress": {"dress__isnull": False},
        "pair": {"top__isnull": False, "bottom__isnull": False},
        "top": {"top__isnull": False},
        "bottom": {"bottom__isnull": False},
    }
    whens = [
        When(**{f"{job}{name}": value for name, value in where.items()}, then=Value(kind))
        for kind, where in worn.items()
    ]
    model = KeyTextTransform("model", f"{job}recipe")
    return {
        "provider_alias": F(f"{job}account__alias"),
        "model_name": Coalesce(model, Value(""), output_field=TextField()),
        "outfit_kind": Case(*whens, default=Value(""), output_field=CharField()),
    }
