"""Seconds and memory of the local engine, alone and in a 4 × 6 matrix, beside another engine.

    python bench/engine.py --photos ../shared/photos --peer ../shared/engine-prototype

Both engines live in a process of their own that answers one job at a time; the jobs alternate
between them, so that a noisy machine troubles both. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ALONE_LIMIT = 1.0  # of the peer's median
MATRIX_LIMIT = 0.65
PEAK_LIMIT_MB = 800


# -------------------------------------------------------- inside the child processes
def ours(cache_folder: str) -> None:
    sys.path.insert(0, str(ROOT))
    import engine

    cache = engine.AnalysisCache(Path(cache_folder))

    def run(job: dict) -> bytes:
        garments = {slot: Path(path).read_bytes() for slot, path in job["garments"].items()}
        used = cache if job["memory"] else None
        return engine.tryon(Path(job["person"]).read_bytes(), garments, cache=used).data

    answer(run, engine.Refusal)


def peer(folder: str) -> None:
    lend_scipy()
    sys.path.insert(0, folder)
    import cv2
    import tryon

    def run(job: dict) -> bytes:
        garments = [(slot, cv2.imread(path)) for slot, path in job["garments"].items()]
        image = tryon.tryon(cv2.imread(job["person"]), garments)[0]
        return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()

    answer(run, tryon.Err)


def lend_scipy() -> None:
    """The peer uses one function of scipy, which is not installed here."""
    import types

    import numpy as np

    def gaussian_filter1d(x, sigma, axis=-1, mode="reflect"):
        x = np.asarray(x)
        reach = int(4 * float(sigma) + 0.5)
        kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
        kernel /= kernel.sum()
        edge = {"reflect": "symmetric", "nearest": "edge"}[mode]

        def smooth(v):
            return np.convolve(np.pad(v, reach, mode=edge), kernel, "valid")

        return np.apply_along_axis(smooth, axis, x).astype(x.dtype)

    scipy, ndimage = types.ModuleType("scipy"), types.ModuleType("scipy.ndimage")
    ndimage.gaussian_filter1d = gaussian_filter1d
    scipy.ndimage = ndimage
    sys.modules.update({"scipy": scipy, "scipy.ndimage": ndimage})


def answer(run, refusal) -> None:
    """Answer each JSON job on stdin with a JSON line on stdout."""
    for line in sys.stdin:
        job = json.loads(line)
        started = time.perf_counter()
        try:
            digest, error = hashlib.sha256(run(job)).hexdigest(), ""
        except refusal as refused:
            digest, error = "", str(refused)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"s": seconds, "sha": digest, "error": error, "mb": peak}), flush=True)


# ------------------------------------------------------------------- in the parent
class Child:
    def __init__(self, kind: str, folder: str) -> None:
        command = [sys.executable, __file__, "--serve", kind, folder]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, job: dict) -> dict:
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"a child died on {job}")
        return json.loads(line)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=60)


def photos(folder: Path, kind: str) -> list[Path]:
    suffixes = {".jpg", ".jpeg", ".png", ".webp"}
    return sorted(p for p in (folder / kind).iterdir() if p.suffix.lower() in suffixes)


def jobs(persons: list[Path], garments: list[tuple[str, Path]], memory: bool) -> list[dict]:
    return [
        {"person": str(person), "garments": {slot: str(path)}, "memory": memory}
        for person in persons
        for slot, path in garments
    ]


def compare(mine: Child, other: Child | None, todo: list[dict]) -> list[tuple[dict, dict]]:
    """Ask both, taking turns at who is first."""
    rows = []
    for number, job in enumerate(todo):
        if other is None:
            rows.append((mine.ask(job), {}))
        elif number % 2:
            theirs = other.ask(job)
            rows.append((mine.ask(job), theirs))
        else:
            rows.append((mine.ask(job), other.ask(job)))
    return rows


def show(title: str, rows: list[tuple[dict, dict]]) -> tuple[float, float | None, float | None]:
    """Print one row of the table; medians of ours and the peer's, and the ratio of sums."""
    both = [r for r in rows if not r[0]["error"] and not r[1].get("error")]
    own = [r[0]["s"] for r in both]
    theirs = [r[1]["s"] for r in both if r[1]]
    median = statistics.median(own)
    line = f"{title:<22}{len(both):>4}{median:>9.2f}{sum(own) / len(own):>9.2f}{max(own):>9.2f}"
    if not theirs:
        print(line)
        return median, None, None
    peer_median = statistics.median(theirs)
    print(f"{line}{peer_median:>11.2f}{sum(own) / sum(theirs):>9.2f}")
    return median, peer_median, sum(own) / sum(theirs)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "photos")
    ask.add_argument("--peer", type=Path, help="folder of the engine to compare with")
    ask.add_argument("--alone", type=int, default=12, help="how many images in turn")
    ask.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    given = ask.parse_args()
    if given.serve:
        {"ours": ours, "peer": peer}[given.serve[0]](given.serve[1])
        return 0
    return measure(given)


def measure(given: argparse.Namespace) -> int:
    persons = photos(given.photos, "person")
    slots = ("top", "bottom", "dress")
    clothes = [(slot, path) for slot in slots for path in photos(given.photos, slot)]
    step = max(1, len(clothes) // given.alone)
    turn = [
        jobs([persons[i % len(persons)]], [clothes[i * step]], False)[0]
        for i in range(min(given.alone, len(clothes)))
    ]
    full = [p for p in persons if p.name.startswith(("cat_", "ootd_dc"))] or persons
    six = [c for slot, n in (("top", 3), ("bottom", 2), ("dress", 1))
           for c in [c for c in clothes if c[0] == slot][:n]]  # fmt: skip
    matrix = jobs(full[:4], six, True)
    with tempfile.TemporaryDirectory() as folder:
        mine = Child("ours", folder)
        other = Child("peer", str(given.peer.resolve())) if given.peer else None
        compare(mine, other, turn[:2])  # warm both
        print(f"{'':<22}{'n':>4}{'median':>9}{'mean':>9}{'max':>9}{'peer med.':>11}{'ratio':>9}")
        alone = compare(mine, other, turn)
        own, theirs, _ = show("alone, s/image", alone)
        again = [mine.ask(job)["sha"] for job in turn[:3]]
        rows = compare(mine, other, matrix)
        in_matrix, _, matrix_ratio = show("4 × 6 matrix, s/image", rows)
        peaks = [max(r[i].get("mb", 0) for r in alone + rows) for i in (0, 1)]
        for child in filter(None, (mine, other)):
            child.close()
    same = again == [r[0]["sha"] for r in alone[:3]]
    refused = [r[0]["error"] for r in alone + rows if r[0]["error"]]
    print(f"peak memory {peaks[0]:.0f} MB (peer {peaks[1]:.0f} MB), same bytes again: {same}")
    print(*(f"refused: {error}" for error in refused), sep="\n")
    alone_ratio = own / theirs if theirs else None
    figures = {
        "alone_median_s": round(own, 3),
        "alone_ratio": alone_ratio and round(alone_ratio, 3),
        "matrix_median_s": round(in_matrix, 3),
        "matrix_ratio": matrix_ratio and round(matrix_ratio, 3),
        "peak_mb": round(peaks[0]),
        "same_bytes": same,
        "limits": {
            "alone_ratio": ALONE_LIMIT,
            "matrix_ratio": MATRIX_LIMIT,
            "peak_mb": PEAK_LIMIT_MB,
        },
    }
    figures["ok"] = bool(
        same
        and peaks[0] <= PEAK_LIMIT_MB
        and (alone_ratio is None or alone_ratio <= ALONE_LIMIT)
        and (matrix_ratio is None or matrix_ratio <= MATRIX_LIMIT)
    )
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
