"""The pages of bench/pages.py by URL name; a new page is a line here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

Page = tuple[str, str | None]


def pages() -> Iterator[Page]:
    """Each page's name in the table, and its address; None where there is no such page yet."""
    yield from _portal_lists()
    yield from _single_pages()
    yield from _launches()
    yield from _admin()


def _portal_lists() -> Iterator[Page]:
    from catalog.models import Collection, Garment, Person, Tag
    from jobs.models import Batch, Result

    yield page("overview")
    yield from _list("batches", Batch, {})
    yield from _list("gallery", Result, {}, *_gallery_filters())
    tag, old, new = Tag.objects.first(), Collection.objects.first(), Collection.objects.last()
    filters: list[dict[str, Any]] = [
        {"slot": "dress"},
        {"season": "AW26"},
        {"tag": tag.pk},
        {"collection": old.pk},
        {"collection": new.pk},
        {"findings": "refuse"},
        {"findings": "fine"},
        {"usage": "unused"},
        {"usage": "used"},
        {"archived": "yes"},
        {"slot": "top", "season": "SS25", "findings": "warn"},
        {"view": "list"},
        {"order": "name"},
        {"order": "oldest"},
    ]
    searches = [{"q": text} for text in ("linen", "coral denim", "TL-T0000011", "nothing like it")]
    yield from _list("garments", Garment, *({}, *filters, *searches))
    yield from _list("persons", Person, {}, {"q": "Mei"}, {"consent": "expired"})
    yield page("imports")
    yield page("review")
    yield page("decisions")
    yield page("galleries")
    yield page("notifications")
    for query in ({}, {"review": "pending"}, {"review": "approved"}):
        yield page("sheet", query=query, label=f"sheet {_query_text(query)}".strip())
    yield page("comparisons")
    for days in (30, 90, 365):
        yield page("statistics", query={"days": days}, label=f"statistics, {days} days")
    batch = Batch.objects.latest("pk").pk
    yield page("statistics", query={"batch": batch}, label="statistics, one batch")
    yield page("statistics", query={"collection": new.pk}, label="statistics, one collection")


def _gallery_filters() -> list[dict[str, Any]]:
    """The most and the least frequent of each: what is rare is what a list must search for."""
    from jobs.models import TryOnJob

    jobs = TryOnJob.objects.filter(state="succeeded")
    old, new = jobs.order_by("id"), jobs.order_by("-id")
    of = {"garment": "top", "person": "person"}
    return [
        {"garment": old.filter(top__isnull=False).first().top_id},
        {"garment": new.filter(dress__isnull=False).first().dress_id},
        {"garment": _unworn()},
        {"person": old.values_list(of["person"], flat=True).first()},
        {"provider": "aidge"},
        {"provider": "local", "person": old.first().person_id},
        {"provider": "aidge", "garment": old.filter(bottom__isnull=False).first().bottom_id},
    ]


def _unworn() -> int:
    from catalog.models import Garment

    return Garment.objects.unused().order_by("id").values_list("pk", flat=True)[0]


def _single_pages() -> Iterator[Page]:
    from catalog.models import Garment, Person
    from jobs.models import Batch, Result, TryOnJob

    for where, pk in _ends(Garment):
        yield page("garment", pk, label=f"garment, {where}")
    for where, pk in _ends(Person):
        yield page("person", pk, label=f"person, {where}")
    yield from _batches()
    for where, pk in _ends(Result):
        yield page("result", pk, label=f"result, {where}")
    for where, pk in _ends(TryOnJob):
        yield page("job", pk, label=f"job, {where}")
    failed = TryOnJob.objects.filter(state="failed").first()
    yield page("job", failed.pk, label="job, failed")
    ended = Batch.objects.exclude(reused_jobs=None).earliest("pk")
    yield page("batch", ended.pk, label="batch with offers")


def _batches() -> Iterator[Page]:
    """A launch of 2,000 at work, and one that has ended, with what narrows them."""
    from django.db.models import Count

    from jobs.models import Batch, TryOnJob

    large = Batch.objects.annotate(n=Count("jobs")).filter(n__gte=2000)
    for where, batch in (
        ("live", large.latest("pk")),
        ("ended", large.order_by("pk")[large.count() // 2]),
    ):
        jobs = TryOnJob.objects.filter(batch=batch).order_by("id").values_list("pk", flat=True)
        name = f"batch of 2,000, {where}"
        yield page("batch", batch.pk, label=name)
        for label, pk in (("middle", jobs[len(jobs) // 2]), ("end", jobs[20])):
            yield page("batch", batch.pk, {"before": pk}, label=f"{name}, {label}")
        for state in ("succeeded", "failed", "queued"):
            yield page("batch", batch.pk, {"state": state}, label=f"{name}, {state}")
        code = {"state": "failed", "code": "InvalidPerson"}
        yield page("batch", batch.pk, code, label=f"{name}, one cause")
        cells = {"jobs": ",".join(map(str, jobs[:60]))}
        yield page("batch-progress", batch.pk, cells, label=f"{name}, live answer")


def _launches() -> Iterator[Page]:
    """Six persons in three hundred garments, as chosen in the library."""
    from catalog.models import Garment, Person

    persons = Person.objects.active().order_by("-id").values_list("pk", flat=True)[:6]
    tops = Garment.objects.active().filter(slot="top").order_by("-id")[:300]
    chosen = [("persons", pk) for pk in persons] + [("garments", garment.pk) for garment in tops]
    yield page("launch")
    yield page("launch", query=chosen, label="launch, 6 × 300")


def _admin() -> Iterator[Page]:
    lists: dict[str, list[dict[str, Any]]] = {
        "catalog_garment": [{"q": "linen"}, {"slot__exact": "dress"}, {"archived": "all"}],
        "catalog_person": [{"q": "Mei"}],
        "catalog_collection": [],
        "jobs_batch": [{"q": "Launch 77"}, {"interactive__exact": "1"}, _this_week("created_at")],
        "jobs_tryonjob": [
            *({"state__exact": "failed"}, {"error_code": "Throttling.RateQuota"}),
            *({"q": "linen"}, {"q": "TL-T0000011"}, _this_week("created_at")),
        ],
        "jobs_step": [{"state__exact": "unknown"}, {"operation__exact": "refine"}, {"q": "abc"}],
        "jobs_result": [
            *({"review__exact": "pending"}, {"role__exact": "cutout"}, {"q": "linen"}),
            *({"q": "TL-T0000011"}, _this_week("created_at")),
        ],
        "jobs_event": [{"to_state": "failed"}, {"kind": "result"}, {"q": "4711"}, _this_week("at")],
        "review_decision": [{"verdict__exact": "rejected"}, {"q": "merch3"}, _this_week("at")],
        "jobs_ledgerentry": [{"kind__exact": "release"}, {"q": "Launch 77"}],
        "jobs_monthtotal": [],
        "jobs_provideraccount": [],
        "jobs_heartbeat": [],
    }
    for model, filters in lists.items():
        for query in ({}, {"p": 2}, {"p": 500}, *filters):
            label = f"admin {model} {_query_text(query)}".strip()
            yield page(f"admin:{model}_changelist", query=query, label=label)
    yield from _admin_rows()


def _admin_rows() -> Iterator[Page]:
    from catalog.models import Garment, Person
    from jobs.models import Batch, Result, Step, TryOnJob

    for model in (Garment, Person, Batch, TryOnJob, Step, Result):
        where, pk = _ends(model)[1]
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield page(f"admin:{name}_change", pk, label=f"admin {name}, {where}")


def _this_week(field: str) -> dict[str, str]:
    from django.utils import timezone

    now = timezone.now()
    return {f"{field}__gte": f"{now - timedelta(7):%Y-%m-%d 00:00:00+00:00}"}


def _list(name: str, model: Any, *queries: dict[str, Any]) -> Iterator[Page]:
    """A keyset list: its first page, its middle and its end, and the same of each filter."""
    ends = dict(_ends(model))
    for query in queries:
        yield page(name, query=query, label=f"{name} {_query_text(query)}".strip())
        for where in ("middle", "end"):
            label = f"{name} {_query_text(query)} … {where}".replace("  ", " ")
            yield page(name, query=query | {"before": ends[where]}, label=label)


def _ends(model: Any) -> list[tuple[str, int]]:
    """Ids of the newest row, of one in the middle, and of one near the oldest."""
    last = model.objects.latest("pk").pk
    rows = model.objects.order_by("pk")
    middle, first = rows.filter(pk__gt=last // 2).first(), rows[min(60, last // 20)]
    return [("newest", last), ("middle", middle.pk), ("end", first.pk)]


def page(name: str, pk: int | None = None, query: Any = None, label: str = "") -> Page:
    try:
        address = reverse(name, args=[] if pk is None else [pk])
    except NoReverseMatch:
        return label or name, None
    return label or name, f"{address}?{urlencode(query)}" if query else address


def _query_text(query: dict[str, Any]) -> str:
    return "&".join(f"{key}={value}" for key, value in query.items())
