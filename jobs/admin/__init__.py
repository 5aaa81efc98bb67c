"""The admin of what is asked for, what runs and what came of it.

Workers write these rows all the time, so nothing here saves a whole row: columns are shown, and
what a person may do to a row is an action that calls the model's own conditional move.
"""

from jobs.admin import account, batch, events, garment, job, ledger, preset, step

__all__ = ["account", "batch", "events", "garment", "job", "ledger", "preset", "step"]
