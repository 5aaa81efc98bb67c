"""Rows that tell when they changed, and what is left of those that are gone: for apps to sync."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TombstoneQuerySet(models.QuerySet["Tombstone"]):
    def before(self, moment: datetime) -> Self:
        return self.filter(at__lt=moment)


class Tombstone(models.Model):
    """What is left of a deleted row, so that whoever has a copy of it learns to forget it."""

    kind = models.CharField(max_length=12)
    object_id = models.BigIntegerField()
    # The shopper to whom the row belonged; None: it was the team's.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(default=timezone.now)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "owner", "at"], name="tombstone_since")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


M = TypeVar("M", bound=models.Model)


class ChangeTrackedQuerySet(models.QuerySet[M]):
    # Columns whose change is nobody's news.
    untracked_fields: frozenset[str] = frozenset()

    def update(self, **values: Any) -> int:
        """As always, and move `updated_at`, unless only `unheard` columns are written."""
        if not values.keys() <= self.untracked_fields:
            values.setdefault("updated_at", timezone.now())
        return super().update(**values)

    def changed_since(self, moment: datetime) -> Self:
        return self.filter(updated_at__gte=moment)

    def delete(self) -> tuple[int, dict[str, int]]:
        """As always, and leave a tombstone of each row, not of what goes with it."""
        with transaction.atomic(using=self.db):
            _bury(self.model, self.order_by())
            return super().delete()

    delete.queryset_only = True  # type: ignore[attr-defined]


class ChangeTracked(models.Model):
    updated_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As always, and move `updated_at`."""
        self.updated_at = timezone.now()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "updated_at"}
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            _bury(type(self), type(self)._base_manager.filter(pk=self.pk))
            return super().delete(*args, **kwargs)

    @property
    def etag(self) -> str:
        """A word that differs whenever the row has changed."""
        return f"{int(self.updated_at.timestamp() * 1_000_000):x}"


def _bury(model: type[models.Model], rows: models.QuerySet) -> None:
    owned = any(field.name == "owner" for field in model._meta.fields)
    kind, found = str(model._meta.model_name), _owners(rows, owned)
    Tombstone.objects.bulk_create(
        [Tombstone(kind=kind, object_id=pk, owner_id=owner) for pk, owner in found], 1000
    )


def _owners(rows: models.QuerySet, owned: bool) -> Iterable[tuple[int, int | None]]:
    if owned:
        return list(rows.values_list("pk", "owner"))
    return [(pk, None) for pk in rows.values_list("pk", flat=True)]
