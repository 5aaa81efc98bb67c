"""Charges, budgets and the ledger."""
