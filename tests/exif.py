"""What an independent reader finds in a file: exiftool, the Debian package."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

needs_exiftool = pytest.mark.skipif(not shutil.which("exiftool"), reason="needs exiftool")

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
# What exiftool tells of any file, and what makes a JPEG or WebP one.
PLAIN_GROUPS = ("ExifTool:", "File:", "System:", "Composite:", "RIFF:", "JFIF:", "SourceFile")


def read(data: bytes, folder: Path) -> dict[str, Any]:
    """All tags of a file, duplicates too, as `Group:Tag`."""
    path = folder / "read-back"
    path.write_bytes(data)
    command = ["exiftool", "-json", "-a", "-G1", "-struct", str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True)
    [tags] = json.loads(said.stdout)
    return dict(tags)


def marks(data: bytes, folder: Path) -> dict[str, Any]:
    """The parsed AIGC element; fails unless the file carries each mark once and nothing else."""
    tags = read(data, folder)
    assert tags["XMP-iptcExt:DigitalSourceType"] == COMPOSITE
    more = {t for t in tags if not t.startswith((*PLAIN_GROUPS, "XMP-"))}
    assert not more, f"more than the marks: {more}"
    # GB 45438-2025, 6.1 c: one label to a file.
    assert data.count(b"<TC260:AIGC>") == 1
    aigc = next(value for tag, value in tags.items() if tag.lower().endswith(":aigc"))
    return dict(aigc if isinstance(aigc, dict) else json.loads(aigc))
