"""The figures of one provider's model, of all outfits or of one kind of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from portal.number_format import count, percent
from reports.approval_statistics.outfit_kinds import kind_label
from reports.overview.approval import wilson


@dataclass
class StatisticsRow:
    """`billed` in CNY. `took`: how many try-ons took so many whole seconds."""

    provider: str
    model: str
    kind: str = ""
    approved: int = 0
    rejected: int = 0
    billed: Decimal = Decimal(0)
    took: Counter[int] = field(default_factory=Counter)

    def __iadd__(self, other: StatisticsRow) -> StatisticsRow:
        self.approved += other.approved
        self.rejected += other.rejected
        self.billed += other.billed
        self.took.update(other.took)
        return self

    @property
    def kind_word(self) -> str:
        return kind_label(self.kind)

    @property
    def reviewed(self) -> int:
        return self.approved + self.rejected

    @property
    def share(self) -> float | None:
        return self.approved / self.reviewed if self.reviewed else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.approved, self.reviewed)

    @property
    def interval_text(self) -> str:
        low, high = self.interval
        return _("%(low)s to %(high)s") % {"low": percent(low), "high": percent(high)}

    @property
    def made(self) -> int:
        return self.took.total()

    @property
    def median_s(self) -> int | None:
        """Half of the try-ons took so long or less."""
        passed = 0
        for seconds, n in sorted(self.took.items()):
            passed += n
            if passed * 2 >= self.made:
                return seconds
        return None

    @property
    def median_text(self) -> str:
        if self.median_s is None:
            return "—"
        return _("%(n)s s") % {"n": count(self.median_s)} if self.median_s else _("under 1 s")

    @property
    def per_approved(self) -> Decimal | None:
        """CNY for each approved image, all that was billed for rejected ones and failures in it."""
        return self.billed / self.approved if self.approved else None

    @property
    def empty(self) -> bool:
        """Nothing is left of it, as where a decision was made and undone."""
        return not (self.reviewed or self.billed or self.took)
