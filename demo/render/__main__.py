"""python -m demo.render: compute the demo photos and their manifest."""

import argparse
import time
from pathlib import Path

from demo.render.garments import GARMENTS
from demo.render.manifest import file_of, write_manifest
from demo.render.persons import PERSONS
from demo.render.studio import write_jpeg

PHOTOS = Path(__file__).resolve().parents[1] / "photos"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.render", description=__doc__)
    parser.add_argument("--out", type=Path, default=PHOTOS, help="the photo folder")
    parser.add_argument("--only", default="", help="render the photos whose name contains this")
    parser.add_argument("--quality", type=int, default=90, help="JPEG quality, 1 to 100")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    for name, subject in (PERSONS | GARMENTS).items():
        if asked.only in name:
            begun = time.monotonic()
            file = asked.out / file_of(name, subject)
            write_jpeg(file, subject.render(), asked.quality)
            print(f"{file}: {time.monotonic() - begun:.0f} s, {file.stat().st_size // 1024} KB")
    # A partial run would list photos that are not there.
    if not asked.only:
        write_manifest(asked.out)


if __name__ == "__main__":
    main()
