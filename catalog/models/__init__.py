"""The library: model photos, garment photos and what they are sorted by."""

from catalog.models.asset import Asset, AssetQuerySet, Picture, Tag
from catalog.models.change_tracking import ChangeTracked, ChangeTrackedQuerySet, Tombstone
from catalog.models.claimable import Claimable, ClaimableQuerySet
from catalog.models.garment import Collection, Garment, GarmentQuerySet
from catalog.models.imports import Import, ImportRow
from catalog.models.person import Person, PersonQuerySet
from catalog.models.upload import Upload

__all__ = [
    "Asset",
    "AssetQuerySet",
    "ChangeTracked",
    "ChangeTrackedQuerySet",
    "Claimable",
    "ClaimableQuerySet",
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
