"""Which results one reviewer goes through: all that wait, or those of a batch, person, garment."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Model, Q
from django.http import Http404, QueryDict

from catalog.models import Garment, Person
from jobs.models import Batch, ProviderAccount, Result
from portal.paging import number
from review.leases import free_for, lease, not_voted_by

# What an address may choose.
NAMES = ("batch", "person", "garment", "provider")
# Nobody reviews more in a day, and no page counts further.
MOST = 10_000


class Queue:
    """Pending finals by the words of an address; Http404 where it names what does not exist."""

    def __init__(self, user: Any, query: QueryDict) -> None:
        self.user = user
        self.chosen = {name: _chosen(name, str(query[name])) for name in NAMES if query.get(name)}
        address = QueryDict(mutable=True)
        address.update({name: str(query[name]) for name in self.chosen})
        self.query = address.urlencode()

    @property
    def title(self) -> str:
        """What was chosen, in its own name; "" for everything."""
        return ", ".join(str(chosen) for chosen in self.chosen.values())

    @property
    def batch(self) -> Any:
        return self.chosen.get("batch")

    def finals(self) -> Any:
        """Pending or decided, of what was chosen."""
        rows = Result.objects.final()
        for name, chosen in self.chosen.items():
            if name == "garment":
                rows = rows.of_garment(chosen.pk)
            else:
                field = {"batch": "batch", "person": "person", "provider": "account"}[name]
                rows = rows.filter(**{f"job__{field}": chosen})
        return rows

    def waiting(self) -> Any:
        return not_voted_by(self.finals().filter(review=Result.Review.PENDING), self.user)

    def lease(self, n: int, now: datetime, after: int = 0) -> list[int]:
        """Ids of the next `n`, lent to this reviewer; after the last one it begins again."""
        rows = self.waiting()
        ids: list[int] = lease(rows.filter(pk__gt=after), self.user, n, now) if after else []
        return ids or lease(rows, self.user, n, now)

    def left(self, now: datetime) -> int:
        """How many this reviewer can have; what others look at is not among them."""
        found = self.waiting().filter(free_for(self.user, now)).order_by()
        return int(found.values("pk")[:MOST].count())

    def decided(self) -> int:
        """How many of the batch have been decided; without a batch nobody counts."""
        if not self.batch:
            return 0
        return int(self.finals().filter(~Q(review=Result.Review.PENDING)).count())


def _chosen(name: str, text: str) -> Model:
    if name == "provider":
        found: Any = ProviderAccount.objects.filter(alias=text.replace("\0", "")).first()
    else:
        model: Any = {"batch": Batch, "person": Person, "garment": Garment}[name]
        found = model.objects.team_owned().filter(pk=number(text)).first()
    if found is None:
        raise Http404(name)
    return found
