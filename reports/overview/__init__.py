"""The figures of the overview: one module for each panel, in a few indexed queries."""
