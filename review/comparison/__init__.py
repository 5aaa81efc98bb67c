"""Blind comparison of providers."""
