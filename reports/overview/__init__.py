"""The figures of the overview: each module answers one question in a few indexed queries."""
