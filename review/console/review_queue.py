"""Which results one reviewer goes through: all pending ones, or those of a batch, person, …"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model, Q
from django.http import Http404, QueryDict

from catalog.models import Garment, Person
from jobs.models import Batch, ProviderAccount, Result
from jobs.models.result import ResultQuerySet
from portal.paging import parse_id
from review.leases import free_for, lease, not_voted_by

# What an address may filter by.
FILTERS = ("batch", "person", "garment", "provider")
# Nobody reviews more in a day.
MAX_COUNTED = 10_000


class ReviewQueue:
    """Final results by the filters of an address; Http404 where one names what does not exist."""

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user = user
        self.chosen = {
            name: _find_chosen(name, str(query[name])) for name in FILTERS if query.get(name)
        }
        address = QueryDict(mutable=True)
        address.update({name: str(query[name]) for name in self.chosen})
        self.query = address.urlencode()

    @property
    def title(self) -> str:
        """The names of what was chosen; "" for everything."""
        return ", ".join(str(chosen) for chosen in self.chosen.values())

    @property
    def batch(self) -> Model | None:
        return self.chosen.get("batch")

    def finals(self) -> ResultQuerySet:
        """The chosen results, pending or decided."""
        rows = Result.objects.final()
        for name, chosen in self.chosen.items():
            if name == "garment":
                rows = rows.of_garment(chosen.pk)
            else:
                field = {"batch": "batch", "person": "person", "provider": "account"}[name]
                rows = rows.filter(**{f"job__{field}": chosen})
        return rows

    def pending(self) -> ResultQuerySet:
        return not_voted_by(self.finals().filter(review=Result.Review.PENDING), self.user)

    def lease(self, limit: int, now: datetime, after: int = 0) -> list[int]:
        """Lease the next `limit` results; after the last one it begins again. Return their ids."""
        rows = self.pending()
        ids: list[int] = lease(rows.filter(pk__gt=after), self.user, limit, now) if after else []
        return ids or lease(rows, self.user, limit, now)

    def available_count(self, now: datetime) -> int:
        """Count pending results that no other reviewer has leased, up to MAX_COUNTED."""
        found = self.pending().filter(free_for(self.user, now)).order_by()
        return int(found.values("pk")[:MAX_COUNTED].count())

    def decided_count(self) -> int:
        """Count the decided results of the batch; 0 without a batch."""
        if not self.batch:
            return 0
        return int(self.finals().filter(~Q(review=Result.Review.PENDING)).count())


def _find_chosen(name: str, text: str) -> Model:
    if name == "provider":
        found: Any = ProviderAccount.objects.filter(alias=text.replace("\0", "")).first()
    else:
        model: Any = {"batch": Batch, "person": Person, "garment": Garment}[name]
        found = model.objects.team_owned().filter(pk=parse_id(text)).first()
    if found is None:
        raise Http404(name)
    return found
