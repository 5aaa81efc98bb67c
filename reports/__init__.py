"""Figures: overview, approval statistics, export, provenance."""
