"""What is asked for, what runs, what came of it. DESIGN.md names the words and the states."""

from .account import Heartbeat, ProviderAccount
from .batch import Batch, Comparison, Preset
from .decision import Decision, DecisionRefused
from .event import Event
from .gallery import Gallery, GalleryItem, ShareLink
from .job import TryOnJob
from .ledger import LedgerEntry, MonthTotal
from .notification import Notification
from .public_image import PublicImage
from .result import PublishRefused, Result
from .step import Step
from .tally import DayTally

__all__ = [
    "Batch",
    "Comparison",
    "DayTally",
    "Decision",
    "DecisionRefused",
    "Event",
    "Gallery",
    "GalleryItem",
    "Heartbeat",
    "LedgerEntry",
    "MonthTotal",
    "Notification",
    "Preset",
    "ProviderAccount",
    "PublicImage",
    "PublishRefused",
    "Result",
    "ShareLink",
    "Step",
    "TryOnJob",
]
