"""One uploaded file into the library, or the reason why not and what to do."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError
from django.utils.translation import gettext as _

from catalog.models import Asset, Garment
from catalog.photos import ingest
from catalog.photos.add import Duplicate, OnDuplicate, add_photo, find_same
from catalog.photos.filenames import guess

ALIKE = 3


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    `duplicate`: exactly this photo is there as `asset`, and was not added again. `unsorted`:
    nobody chose which garment it is, and its name does not show it. `alike`: what it resembles.
    """

    file: str
    kind: Literal["added", "duplicate", "unsorted", "refused"]
    message: str
    asset: Asset | None = None
    alike: list[Asset] = field(default_factory=list)


def take(
    model: type[Asset],
    upload: UploadedFile,
    by: Any,
    *,
    slot: str = "",
    consent: str = "",
    anyway: bool = False,
) -> Outcome:
    """Add one photo; `slot` "" guesses it from the file's name, `anyway` adds it a second time.

    `consent`: what the person in it agreed to, a Person.Consent; "" records none.

    Decodes the photo and writes files: call it outside of any transaction.
    """
    file = upload.name or ""
    try:
        ingest.check_bytes(upload.size or 0)
        data = upload.read()
        # First, so that nobody chooses a slot for a photo that is there already.
        if not anyway and (same := find_same(model, hashlib.sha256(data).hexdigest())):
            raise Duplicate(same)
        attributes = _attributes(model, file, slot, consent)
        if attributes is None:
            # Nobody should choose a slot for a photo that is no good.
            ingest.prepare(data)
            return Outcome(file, "unsorted", _("Top, bottom or dress? Its name does not tell."))
        name = PurePath(file).stem.replace("\0", "")[:120] or _("Photo")
        policy = OnDuplicate.ADD if anyway else OnDuplicate.REFUSE
        asset = _added(model, data, {"name": name, "by": by, "on_duplicate": policy, **attributes})
    except Duplicate as duplicate:
        return Outcome(file, "duplicate", _duplicate_message(duplicate.asset), duplicate.asset)
    except ingest.Refused as refused:
        return Outcome(file, "refused", str(refused))
    except ValidationError as error:
        return Outcome(file, "refused", " ".join(error.messages))
    # The very same photo is among them where it was asked for, or came at the same moment.
    alike = [*asset.duplicates()[:ALIKE], *asset.lookalikes(ALIKE)]
    return Outcome(file, "added", _("Added."), asset, alike[:ALIKE])


def _added(model: type[Asset], data: bytes, values: dict[str, Any]) -> Asset:
    try:
        return add_photo(model, data, **values)
    except IntegrityError:
        # Two photos of one article came at once, and the other was faster to its number.
        return add_photo(model, data, **values | {"sku": ""})


def _duplicate_message(same: Asset) -> str:
    if same.archived_at:
        return _("This very photo is in the archive as “%s”. It was not added again.") % same
    return _("This very photo is in the library as “%s”. It was not added again.") % same


def _attributes(model: type[Asset], file: str, slot: str, consent: str) -> dict[str, Any] | None:
    """The attributes that the file's name and the chosen slot give; None where they do not do."""
    if model is not Garment:
        note = _("Stated when the photo was added.") if consent else ""
        return {"consent_scope": consent, "consent_note": note}
    guessed = guess(file)
    slot = slot or guessed.slot
    if slot not in Garment.Slot.values:
        return None
    # A second photo of the same article: the number stays with the first.
    taken = guessed.sku and Garment.objects.filter(sku=guessed.sku).exists()
    sku = "" if taken else guessed.sku
    return {"slot": slot, "photo_type": guessed.photo_type, "sku": sku}
