"""`python -m engine --person P --top T [--bottom B | --dress D] --out FILE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from engine import WARNINGS, Refusal, tryon, unavailable


def main() -> int:
    """Dress one person; return 0, 1 for a refusal, or 2 where the engine cannot run."""
    ask = argparse.ArgumentParser(prog="python -m engine", description=__doc__)
    ask.add_argument("--person", type=Path, required=True)
    for slot in ("top", "bottom", "dress"):
        ask.add_argument(f"--{slot}", type=Path)
    ask.add_argument("--out", type=Path, required=True, help="the JPEG to write")
    given = ask.parse_args()
    if reason := unavailable():
        print(reason, file=sys.stderr)
        return 2
    paths = {slot: getattr(given, slot) for slot in ("top", "bottom", "dress")}
    garments = {slot: path.read_bytes() for slot, path in paths.items() if path}
    try:
        picture = tryon(given.person.read_bytes(), garments)
    except Refusal as refusal:
        print(f"{refusal.subject}: {refusal.message} ({refusal.code})", file=sys.stderr)
        return 1
    given.out.write_bytes(picture.data)
    for code in picture.warnings:
        print(WARNINGS[code], file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
