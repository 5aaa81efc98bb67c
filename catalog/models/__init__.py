"""The library: model photos, garment photos and what they are sorted by."""

from .asset import Asset, AssetQuerySet, Picture, Tag
from .changes import Changing, ChangingQuerySet, Tombstone
from .garment import Collection, Garment, GarmentQuerySet
from .imports import Import, ImportRow
from .person import Person, PersonQuerySet
from .upload import Upload

__all__ = [
    "Asset",
    "AssetQuerySet",
    "Changing",
    "ChangingQuerySet",
    "Collection",
    "Garment",
    "GarmentQuerySet",
    "Import",
    "ImportRow",
    "Person",
    "PersonQuerySet",
    "Picture",
    "Tag",
    "Tombstone",
    "Upload",
]
