"""Results as one ZIP that is written while it is read: images, their records, and a manifest.

Nothing is held but the ids: a chunk of rows, one image at a time, and the manifest, which grows
in a temporary file because it has the hashes of files that are only known once they are made.
"""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from galleries import public_images
from galleries.zip_stream import ZipBuffer, file_name, zip_entry
from jobs.models import Result
from reports import provenance
from reports.provenance import Scope

CHUNK_SIZE = 100
COLUMNS = [
    *("file", "status", "result", "sha256", "file_sha256", "width", "height", "slots", "skus"),
    *("provider", "model", "remote_id", "approved_at", "published_at", "produce_id", "record"),
]
COPY_BYTES = 64 * 1024


def stream(ids: Sequence[int], scope: Scope) -> Iterator[bytes]:
    """The bytes of a ZIP of these results, in this order.

    A result that may not be exported, or cannot be read, is a row of the manifest that says why.
    """
    pipe = ZipBuffer()
    with tempfile.TemporaryFile("w+", encoding="utf-8-sig", newline="") as manifest:
        rows = csv.DictWriter(manifest, COLUMNS, restval="")
        rows.writeheader()
        with zipfile.ZipFile(pipe, "w") as archive:
            for result in _in_order(ids):
                row = _add_result(archive, result, scope)
                rows.writerow({column: _escape_formula(value) for column, value in row.items()})
                yield pipe.take()
            manifest.flush()
            yield from _copy_manifest(archive, manifest.buffer, pipe)
        yield pipe.take()


def _in_order(ids: Sequence[int]) -> Iterator[Result]:
    for start in range(0, len(ids), CHUNK_SIZE):
        chunk = ids[start : start + CHUNK_SIZE]
        found = provenance.with_provenance(Result.objects.final()).in_bulk(chunk)
        yield from (found[pk] for pk in chunk if pk in found)


def _add_result(archive: zipfile.ZipFile, result: Result, scope: Scope) -> dict[str, Any]:
    """Write image and record of one result; return its row."""
    if reason := refusal(result):
        return _row(result, "", reason)
    try:
        image = public_images.labelled_original(result)
    except OSError:
        return _row(result, "", "left out: its file cannot be read")
    name = file_name(result)
    record = provenance.record(result, scope)
    file_sha256 = hashlib.sha256(image).hexdigest()
    record["file"] = {"name": f"{name}.jpg", "sha256": file_sha256}
    record_json = json.dumps(record, ensure_ascii=False, indent=2)
    # Stored: a JPEG does not get smaller.
    archive.writestr(zip_entry(f"images/{name}.jpg", zipfile.ZIP_STORED), image)
    archive.writestr(zip_entry(f"provenance/{name}.json", zipfile.ZIP_DEFLATED), record_json)
    return _row(result, name, "ok") | {"file_sha256": file_sha256}


def refusal(result: Result) -> str:
    """Return why this result may not be exported, or ""."""
    if result.review != Result.Review.APPROVED:
        return "left out: not approved"
    if result.job.person.consent_refusal(timezone.localdate(), publish=True):
        return "left out: the person's consent does not cover it"
    return ""


def _row(result: Result, name: str, status: str) -> dict[str, Any]:
    garments, label = result.job.garments(), provenance.label(result)
    verdicts = [d.at for d in result.decisions.all() if d.verdict == Result.Review.APPROVED]
    return {
        "file": f"images/{name}.jpg" if name else "",
        "status": status,
        "result": result.pk,
        "sha256": result.sha256,
        "width": result.width,
        "height": result.height,
        "slots": " + ".join(garments),
        "skus": " + ".join(garment.sku for garment in garments.values()),
        "provider": result.step.account.alias,
        "model": result.step.model,
        "remote_id": result.step.remote_id,
        "approved_at": _at(verdicts[-1] if verdicts else None),
        "published_at": _at(result.published_at),
        "produce_id": label["produce_id"],
        "record": f"provenance/{name}.json" if name else "",
    }


def _at(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _escape_formula(value: Any) -> Any:
    """Escape a cell that a spreadsheet would take for a formula (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else value


def _copy_manifest(archive: zipfile.ZipFile, manifest: Any, pipe: ZipBuffer) -> Iterator[bytes]:
    """Write the manifest as it lies in its file, piece by piece."""
    manifest.seek(0)
    with archive.open(
        zip_entry("manifest.csv", zipfile.ZIP_DEFLATED), "w", force_zip64=True
    ) as out:
        while piece := manifest.read(COPY_BYTES):
            out.write(piece)
            yield pipe.take()
