"""Galleries, public pages, share links, AI labels."""
