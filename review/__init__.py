"""Decisions about results: console, contact sheet, comparison, retries."""
