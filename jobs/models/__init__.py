"""What is asked for, what runs, what came of it. CONTRIBUTING.md has the words.

Each module imports only those before it, and reaches later ones by its related managers:
event → account, job → batch → ledger → step, result → quota.
"""

from jobs.models.account import Heartbeat, ProviderAccount
from jobs.models.batch import Batch, Comparison, Preset
from jobs.models.event import Event
from jobs.models.job import TryOnJob
from jobs.models.ledger import LedgerEntry, MonthTotal
from jobs.models.quota import ErasedUse, Quota
from jobs.models.result import PublishRefused, Result
from jobs.models.step import Step

__all__ = [
    "Batch",
    "Comparison",
    "ErasedUse",
    "Event",
    "Heartbeat",
    "LedgerEntry",
    "MonthTotal",
    "Preset",
    "ProviderAccount",
    "PublishRefused",
    "Quota",
    "Result",
    "Step",
    "TryOnJob",
]
