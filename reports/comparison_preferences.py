"""How often each provider's image was chosen as best, with a confidence interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jobs.models import Comparison, Result
from portal.number_format import percent
from providers import registry
from reports.overview.approval import wilson
from review.models import Preference


@dataclass(frozen=True)
class ProviderShare:
    """`cells`: choices among images of which one or more was this provider's."""

    provider: str
    best: int
    cells: int

    @property
    def share(self) -> float:
        return self.best / self.cells

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.best, self.cells)

    @property
    def interval_text(self) -> str:
        low, high = self.interval
        return _("%(low)s to %(high)s") % {"low": percent(low), "high": percent(high)}


@dataclass(frozen=True)
class Preferences:
    providers: list[ProviderShare]
    choices: int
    none: int
    reviewers: int


def preferences(comparison: Comparison) -> Preferences:
    """Count choices by provider; every reviewer's choice counts once."""
    rows = list(Preference.objects.filter(comparison=comparison))
    provider_by_result = _providers({pk for row in rows for pk in row.shown})
    cells, best = Counter[str](), Counter[str]()
    for row in rows:
        cells.update({provider_by_result[pk] for pk in row.shown if pk in provider_by_result})
        if row.result_id is not None and row.result_id in provider_by_result:
            best[provider_by_result[row.result_id]] += 1
    shares = [ProviderShare(name, best[name], n) for name, n in cells.items()]
    shares.sort(key=lambda each: (-each.share, each.provider))
    none = sum(row.result_id is None for row in rows)
    return Preferences(shares, len(rows), none, len({row.by_id for row in rows}))


def _providers(results: set[int]) -> Mapping[int, str]:
    """Who made each of these: the display names of provider and model."""
    rows = Result.objects.filter(pk__in=results).order_by()
    named = rows.values_list("pk", "job__account__alias", "job__recipe__model")
    return {pk: registry.provider_and_model(alias, model or "") for pk, alias, model in named}
