"""What is asked for, what runs, what came of it. DESIGN.md names the words and the states."""

from .account import Heartbeat, ProviderAccount
from .batch import Batch, Comparison, Preset
from .decision import Decision, DecisionRefused
from .event import Event
from .favourite import Favourite
from .gallery import Gallery
from .gallery_item import GalleryItem
from .idempotency import IdempotencyKey
from .job import TryOnJob
from .ledger import LedgerEntry, MonthTotal
from .notification import Notification
from .preference import Preference
from .public_image import PublicImage
from .quota import ErasedUse, Quota
from .result import PublishRefused, Result
from .share_link import ShareLink
from .step import Step
from .tally import DayTally
from .webhook_delivery import WebhookAttempt, WebhookDelivery
from .webhook_endpoint import WebhookEndpoint
from .webhook_message import WebhookMessage

__all__ = [
    "Batch",
    "Comparison",
    "DayTally",
    "Decision",
    "DecisionRefused",
    "ErasedUse",
    "Event",
    "Favourite",
    "Gallery",
    "GalleryItem",
    "Heartbeat",
    "IdempotencyKey",
    "LedgerEntry",
    "MonthTotal",
    "Notification",
    "Preference",
    "Preset",
    "ProviderAccount",
    "PublicImage",
    "PublishRefused",
    "Quota",
    "Result",
    "ShareLink",
    "Step",
    "TryOnJob",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookMessage",
]
