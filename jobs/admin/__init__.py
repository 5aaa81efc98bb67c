"""The admin of what is asked for, what runs and what came of it.

Workers write these rows all the time, so nothing here saves a whole row: columns are shown, and
what a person may do to a row is an action that calls the model's own conditional move.
"""

from . import (
    account,
    batch,
    gallery,
    garment,
    history,
    job,
    ledger,
    person,
    preset,
    result,
    sign_in,
    step,
    users,
    webhook,
)

__all__ = [
    "account",
    "batch",
    "gallery",
    "garment",
    "history",
    "job",
    "ledger",
    "person",
    "preset",
    "result",
    "sign_in",
    "step",
    "users",
    "webhook",
]
