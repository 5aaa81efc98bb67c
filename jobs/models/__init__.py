"""What is asked for, what runs, what came of it. DESIGN.md names the words and the states."""

from .account import Heartbeat, ProviderAccount
from .batch import Batch, Comparison, Preset
from .event import Event
from .job import TryOnJob
from .ledger import LedgerEntry, MonthTotal
from .result import Decision, PublishRefused, Result
from .step import Step
from .tally import DayTally

__all__ = [
    "Batch",
    "Comparison",
    "DayTally",
    "Decision",
    "Event",
    "Heartbeat",
    "LedgerEntry",
    "MonthTotal",
    "Preset",
    "ProviderAccount",
    "PublishRefused",
    "Result",
    "Step",
    "TryOnJob",
]
