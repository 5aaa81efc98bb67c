"""The outfits that figures are told apart by: a dress, a top, a bottom, or both of these."""

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
    """Of an outfit by slot."""
    return "pair" if len(garments) > 1 else next(iter(garments), "")


def word(kind: str) -> str:
    if kind == "pair":
        return _("Top + bottom")
    return str(Garment.Slot(kind).label) if kind else _("Deleted since")


def grouped(job: str) -> dict[str, Combinable]:
    """What figures are grouped by, of the job at the end of this path ("" or "job__")."""
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
        "whose": F(f"{job}account__alias"),
        "made_by": Coalesce(model, Value(""), output_field=TextField()),
        "worn": Case(*whens, default=Value(""), output_field=CharField()),
    }
