"""Add photos to the library: for the upload page, the admin, imports, the API and commands."""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Any, Generic

from django.contrib.auth.models import User
from django.db import connections, transaction

from catalog import consent
from catalog.models import Asset, AssetQuerySet, Garment, Person
from catalog.models.asset import A
from catalog.photos import ingest
from catalog.preflight import measure

# Few rows have the same bytes; of more than this, only the oldest are compared.
MAX_SAME = 100
# Fields that are filled in when a photo is added again, where the row leaves them empty.
FILLED_IF_EMPTY: dict[type[Asset], tuple[str, ...]] = {
    Person: ("gender", "body", "height_cm", "size"),
    Garment: ("sku", "season"),
}


class OnDuplicate(Enum):
    """What to do with a photo that is there already, see `find_same`."""

    # Raise Duplicate, so that a person can decide. Slot and SKU are not compared.
    REFUSE = "refuse"
    # Return the existing row: restored from the archive, its empty fields filled in.
    REUSE = "reuse"
    # Add another row.
    ADD = "add"


class Duplicate(Exception):
    """Nothing was added: `asset` has this very photo."""

    def __init__(self, asset: Asset) -> None:
        super().__init__(asset)
        self.asset = asset


def find_same(
    model: type[A], sha256: str, *, owner: Any = None, slot: str = "", sku: str = "", name: str = ""
) -> A | None:
    """The owner's row of exactly these bytes; the team's where `owner` is None.

    Archived rows count. With a `slot`, a garment of another slot is not the same; with a `sku`,
    nor is one of another SKU, as articles may share a photo. Of several rows, prefer the one of
    this SKU, not archived, of this name, the oldest.
    """
    criteria: dict[str, Any] = {"slot": slot} if slot else {}
    criteria |= {"sku__in": ["", sku]} if sku else {}
    rows: AssetQuerySet[A] = model._default_manager.all()  # type: ignore[assignment]
    rows = rows.of_owner(owner).same_as(sha256).filter(**criteria)
    return min(
        rows.order_by("pk")[:MAX_SAME],
        key=lambda row: (
            bool(sku) and getattr(row, "sku", "") != sku,
            row.archived_at is not None,
            row.name != (name or row.name),
            row.pk,
        ),
        default=None,
    )


class Intake(Generic[A]):
    """Adds one photo: `find_existing` and `prepare` outside of any transaction, then `save`."""

    def __init__(
        self,
        model: type[A],
        *,
        on_duplicate: OnDuplicate,
        owner: Any = None,
        by: User | None = None,
    ) -> None:
        self._model, self._policy, self._owner, self._by = model, on_duplicate, owner, by
        self._data = b""
        self._is_stored = False
        self.asset: A | None = None
        self.existing: A | None = None

    def find_existing(self, data: bytes, **attributes: Any) -> A | None:
        """The row to reuse for this photo; None where `prepare` comes next. Raises Duplicate."""
        if self._owner is not None:
            attributes["owner"] = self._owner
        self._data = data
        self.asset = self._model(created_by=self._by, **attributes)
        self.asset.sha256 = hashlib.sha256(data).hexdigest()
        self.existing = _existing(self.asset, self._policy)
        return self.existing

    def prepare(self) -> None:
        """Check the photo and its attributes, write the files. Raises Refused, ValidationError."""
        assert self.asset is not None
        self.asset.full_clean(exclude=Asset.PHOTO_FIELDS)
        self.asset.set_photo(store(self._model, self._data))
        self._is_stored = True

    def save(self) -> A:
        """Insert the row, or reuse the existing one; return it.

        Raises Duplicate, IntegrityError for a taken SKU.
        """
        assert self.asset is not None
        if self.existing is not None:
            return _reuse(self.existing, self.asset, self._by)
        return save_new(self.asset, on_duplicate=self._policy, by=self._by)

    def discard_files(self) -> None:
        """Delete the files that `prepare` wrote, unless another row uses them."""
        if self.asset is not None and self._is_stored:
            self._model._default_manager.all().discard_unused([self.asset])


def add_photo(
    model: type[A],
    data: bytes,
    *,
    on_duplicate: OnDuplicate = OnDuplicate.ADD,
    owner: Any = None,
    by: User | None = None,
    **attributes: Any,
) -> A:
    """Add a photo, or reuse its asset; return the asset. Call it outside of any transaction.

    Raises Refused for the photo, ValidationError for the attributes, IntegrityError for a SKU
    that was taken at the same moment, Duplicate where `on_duplicate` is REFUSE.
    """
    intake = Intake(model, on_duplicate=on_duplicate, owner=owner, by=by)
    if intake.find_existing(data, **attributes) is None:
        intake.prepare()
    return intake.save()


def store(model: type[Asset], data: bytes) -> dict[str, Any]:
    """Check and decode a photo, write its files, return its columns' values. Raises Refused.

    Makes no query, so that threads may call it.
    """
    return ingest.save(ingest.prepare(data), str(model._meta.model_name))


def save_new(
    asset: A, *, on_duplicate: OnDuplicate, by: User | None, wake_measuring: bool = True
) -> A:
    """Insert an asset whose files are written, unless the same was added meanwhile.

    `wake_measuring`: wake a worker to measure it; a caller that saves many does so at the end.
    Raises Duplicate, IntegrityError.
    """
    with transaction.atomic():
        _lock(asset)
        if existing := _existing(asset, on_duplicate):
            return _reuse(existing, asset, by)
        asset.save(force_insert=True)
        if isinstance(asset, Person) and asset.consent_scope:
            consent.notify_initial_consent(asset, by)
        if wake_measuring:
            measure.wake_after_commit()
    return asset


def _existing(asset: A, policy: OnDuplicate) -> A | None:
    if policy is OnDuplicate.ADD:
        return None
    exact: dict[str, Any] = {"name": asset.name, "owner": getattr(asset, "owner", None)}
    if isinstance(asset, Garment) and policy is OnDuplicate.REUSE:
        exact |= {"slot": asset.slot, "sku": asset.sku}
    found = find_same(type(asset), asset.sha256, **exact)
    if found is not None and policy is OnDuplicate.REFUSE:
        raise Duplicate(found)
    return found


def _reuse(existing: A, wanted: A, by: User | None) -> A:
    """Restore a row from the archive and fill in its empty fields; change nothing else."""
    changes: dict[str, Any] = {
        name: getattr(wanted, name)
        for name in FILLED_IF_EMPTY[type(existing)]
        if getattr(wanted, name) and not getattr(existing, name)
    }
    if existing.archived_at:
        changes["archived_at"] = None
    if changes:
        type(existing)._default_manager.filter(pk=existing.pk).update(**changes)
        existing.refresh_from_db()
        existing.rejudge()
    if isinstance(existing, Person) and isinstance(wanted, Person):
        consent.record_if_missing(
            existing,
            by,
            scope=wanted.consent_scope,
            until=wanted.consent_until,
            note=wanted.consent_note,
        )
    return existing


def _lock(asset: Asset) -> None:
    """Let nobody else add these bytes until the transaction ends. SQLite has one writer anyway."""
    connection = connections[type(asset)._default_manager.db]
    if connection.vendor == "postgresql":
        key = int.from_bytes(bytes.fromhex(asset.sha256[:16]), signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
