"""What the library has to know about each photo: manifest.json beside the photos."""

import json
from pathlib import Path

from demo.render.garments import GARMENTS, Garment
from demo.render.persons import PERSONS, Person

Entry = dict[str, str]


def person_entry(name: str, person: Person) -> Entry:
    return {
        "file": file_of(name, person),
        "kind": "person",
        "name": person.shown,
        "gender": person.gender,
        "body": person.body,
        "view": person.view,
        "consent_scope": "unneeded",
        "description": "Rendered studio mannequin, not a photographed person",
    }


def garment_entry(name: str, garment: Garment) -> Entry:
    return {
        "file": file_of(name, garment),
        "kind": "garment",
        "name": garment.shown,
        "slot": garment.slot,
        "photo_type": "flat",
        "sku": garment.sku,
        "description": "Rendered flat-lay, not a photographed garment",
    }


def file_of(name: str, subject: Person | Garment) -> str:
    """The photo's path inside the photo folder."""
    folder = "person" if isinstance(subject, Person) else subject.slot
    return f"{folder}/{name}.jpg"


def entries() -> list[Entry]:
    persons = [person_entry(*each) for each in PERSONS.items()]
    return persons + [garment_entry(*each) for each in GARMENTS.items()]


def write_manifest(folder: Path) -> None:
    text = json.dumps(entries(), indent=2, ensure_ascii=False)
    (folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
