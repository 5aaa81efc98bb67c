"""The library of bench/fill.py: photos, tags, collections, garments, persons."""

from __future__ import annotations

import itertools
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import rows
from django.contrib.auth.models import User
from django.utils import timezone

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

DAYS = 180
SEASONS = ("SS25", "AW25", "SS26", "AW26", "RE25", "RE26", "NOS", "")
COLOURS = ("black", "white", "navy", "ecru", "sage", "rust", "sky", "plum", "camel", "coral")
FABRICS = ("linen", "cotton", "wool", "denim", "silk", "jersey", "poplin", "corduroy", "viscose")
WORDS = {
    "top": ("shirt", "tee", "blouse", "jumper", "cardigan", "polo", "hoodie", "vest"),
    "bottom": ("trousers", "jeans", "skirt", "shorts", "chinos", "leggings", "culottes"),
    "dress": ("shirt dress", "slip dress", "wrap dress", "maxi dress", "tunic", "pinafore"),
}
NAMES = ("Anna", "Mei", "Lena", "Wei", "Sofia", "Jun", "Noor", "Emil", "Yuki", "Omar", "Lin")
# What an engine finds in photos that are fine, taken with reservations, and refused.
LAID = {"worn": False, "plain": True, "found": True, "shape_known": True, "cut_off": False}
LAID |= {"fills": 0.82, "box": [0.1, 0.08, 0.92, 0.9]}
FOUND: dict[str, list[dict[str, Any]]] = {
    "garment": [LAID | {"garments": 1}, LAID | {"garments": 2}, {"worn": True, "plain": False}],
    "person": [
        {"persons": 1, "frontal": 0.7, "facing": 0.7, "torso_seen": 0.99, "torso": 0.3}
        | {"share": 0.9, "whole": True, "legs": 2, "upright": 1.0},
        {"persons": 1, "frontal": 0.7, "facing": 0.7, "torso_seen": 0.99, "torso": 0.3}
        | {"share": 0.9, "whole": False, "legs": 1, "upright": 1.0},
        {"persons": 2},
    ],
}


def users() -> None:
    """A superuser who looks, and the people who launch and decide."""
    User.objects.create_superuser("bench")
    User.objects.bulk_create(User(username=f"merch{n}", is_staff=True) for n in range(1, 7))


def pool() -> None:
    """Real photos with their files; all rows of a slot share them. A scratch table `pool`."""
    from catalog.photos import facts, ingest

    photos = sorted((ROOT / "demo" / "photos").glob("*/*.*"))
    table, counts = [], dict.fromkeys(("person", "top", "bottom", "dress"), 0)
    for path in photos:
        kind = path.parent.name
        if kind not in counts:
            continue
        folder = "person" if kind == "person" else "garment"
        saved = ingest.save(ingest.prepare(path.read_bytes()), folder)
        names = [saved[name] for name in ("original", "wire", "large", "thumb")]
        sides = [saved[name] for name in ("width", "height", "wire_width", "wire_height")]
        found = [json.dumps(saved["facts"] | more) for more in FOUND[folder]]
        verdicts = [_verdict(kind, saved, more) for more in FOUND[folder]]
        table.append((kind, counts[kind], *names, *sides, *found, *verdicts, facts.VERSION))
        counts[kind] += 1
    rows.scratch(
        "pool",
        "kind text, n int, original text, wire text, large text, thumb text, width int,"
        " height int, wire_width int, wire_height int, f0 jsonb, f1 jsonb, f2 jsonb,"
        " v0 text, v1 text, v2 text, facts_version int",
        table,
    )


def _verdict(kind: str, saved: dict[str, Any], more: dict[str, Any]) -> str:
    from catalog.models import Garment, Person
    from catalog.photos import facts

    asset: Any = Person(gender="woman") if kind == "person" else Garment(slot=kind)
    asset.set_photo(saved | {"facts": saved["facts"] | more})
    asset.facts_version = facts.VERSION
    asset.judge()
    return asset.verdict


def tags() -> None:
    from catalog.models import Tag

    words = [f"{a} {b}" for a, b in itertools.product(("hero", "lookbook", "sale"), COLOURS)]
    Tag.objects.bulk_create(Tag(name=word) for word in (*words, *FABRICS, "reshoot", "sample"))


def collections(count: int = 120) -> None:
    from catalog.models import Collection

    Collection.objects.bulk_create(
        Collection(name=f"{SEASONS[n % 7]} drop {n + 1}", in_app=n % 3 == 0) for n in range(count)
    )


# Of ten garments five are tops, three bottoms, two dresses: fill_jobs.py counts on it.
SLOT = "CASE WHEN mod(n, 10) BETWEEN 1 AND 5 THEN 'top' WHEN mod(n, 10) BETWEEN 6 AND 8"
SLOT += " THEN 'bottom' ELSE 'dress' END"


def garments(count: int) -> None:
    """Newest last; a tenth archived, one in six with findings, some not yet measured."""
    from catalog.models import Garment

    rows.insert(
        Garment,
        f"(SELECT n, {SLOT} AS slot, mod(n * 7919, 100) AS dice FROM generate_series(1, {count}) n)"
        " g JOIN (SELECT kind, count(*) AS size FROM pool GROUP BY kind) k ON k.kind = g.slot"
        " JOIN pool p ON p.kind = g.slot AND p.n = mod(g.n, k.size)",
        id="g.n",
        name=f"concat({_pick(COLOURS, 'g.n')}, ' ', {_pick(FABRICS, 'g.n / 3')}, ' ', CASE g.slot"
        + "".join(f" WHEN '{slot}' THEN {_pick(w, 'g.n / 7')}" for slot, w in WORDS.items())
        + " END, ' ', g.n)",
        slot="g.slot",
        sku="concat('TL-', upper(left(g.slot, 1)), lpad(g.n::text, 7, '0'))",
        season=_pick(SEASONS, f"g.n * 7 / {count + 1} + mod(g.n, 2)"),
        photo_type="CASE WHEN g.dice > 93 THEN 'worn' ELSE 'flat' END",
        archived_at=f"CASE WHEN mod(g.n, 10) = 7 THEN {_when('g.n', count)} END",
        created_at=_when("g.n", count),
        updated_at=_when("g.n", count),
        created_by_id="2 + mod(g.n, 6)",
        **_photo("g.n", "g.dice"),
    )


def persons(count: int) -> None:
    """Most may be published; some only tried on, some expired, withdrawn or without consent."""
    from catalog.models import Person

    today = timezone.localdate()
    rows.insert(
        Person,
        f"(SELECT n, mod(n * 37, 100) AS dice FROM generate_series(1, {count}) n) g"
        " JOIN pool p ON p.kind = 'person'"
        " AND p.n = mod(g.n, (SELECT count(*) FROM pool WHERE kind = 'person'))",
        id="g.n",
        name=f"concat({_pick(NAMES, 'g.n')}, ' ', g.n)",
        gender="CASE WHEN mod(g.n, 3) = 0 THEN 'man' ELSE 'woman' END",
        body="CASE WHEN mod(g.n, 4) = 0 THEN 'curvy' ELSE 'slim' END",
        height_cm="160 + mod(g.n, 30)",
        consent_scope="CASE WHEN g.dice < 5 THEN '' WHEN g.dice < 25 THEN 'tryon'"
        " ELSE 'publish' END",
        consent_until="CASE WHEN g.dice >= 5 THEN CASE"
        f" WHEN g.dice < 9 THEN date '{today - timedelta(30)}'"
        f" WHEN g.dice < 90 THEN date '{today + timedelta(300)}' END END",
        consent_withdrawn_at="CASE WHEN g.dice > 97 THEN now() - interval '9 days' END",
        archived_at="CASE WHEN mod(g.n, 20) = 7 THEN now() - interval '40 days' END",
        created_at=_when("g.n", count),
        updated_at=_when("g.n", count),
        created_by_id="2 + mod(g.n, 6)",
        **_photo("g.n", "g.dice"),
    )


def tagged(garment_count: int, person_count: int) -> None:
    """Up to three tags on a garment, one on a person."""
    from catalog.models import Garment, Person, Tag

    n = Tag.objects.count()
    for model, count, most in ((Garment, garment_count, 3), (Person, person_count, 1)):
        through: Any = model.tags.through
        rows.insert(
            through,
            f"generate_series(1, {count}) n, generate_series(0, {most - 1}) k"
            " WHERE mod(n * 31, 4) > k",
            **{
                f"{model._meta.model_name}_id": "n",
                "tag_id": f"1 + mod(n * 17 + k * {n // 3}, {n})",
            },
        )


def collected(count: int) -> None:
    """Each garment in the collection of its time; half of them in an evergreen one, too."""
    from catalog.models import Collection, Garment

    n = Collection.objects.count()
    rows.insert(
        Garment.collections.through,
        f"generate_series(1, {count}) n, generate_series(0, 1) k WHERE mod(n, 2) >= k",
        garment_id="n",
        collection_id=f"CASE k WHEN 0 THEN 1 + n * ({n} - 10) / ({count} + 1)"
        f" ELSE {n} - mod(n * 3, 10) END",
    )


def _photo(n: str, dice: str) -> dict[str, str]:
    """Columns of a photo from the pool; hashes of its own, as no two real photos are the same."""
    look = f"CASE WHEN {dice} < 84 THEN p.{{0}}0 WHEN {dice} < 95 THEN p.{{0}}1 ELSE p.{{0}}2 END"
    sha = f"md5(p.kind || {n}) || md5({n}::text)"
    plain = ("original", "wire", "large", "thumb", "width", "height", "wire_width", "wire_height")
    return {name: f"p.{name}" for name in plain} | {
        "sha256": sha,
        "wire_sha256": sha,
        "dhash": f"('x' || left(md5({n}::text), 16))::bit(64)::bigint",
        "facts": look.format("f"),
        "verdict": look.format("v"),
        "facts_version": f"CASE WHEN mod({n}, 500) = 3 THEN 0 ELSE p.facts_version END",
    }


def _pick(words: tuple[str, ...], n: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"(ARRAY[{listed}])[1 + mod({n}, {len(words)})]"


def _when(n: str, count: int) -> str:
    """Row `n` of `count` was made in its turn within the last DAYS."""
    return f"now() - interval '{DAYS} days' * (1 - {n} / {count + 1}.0)"
