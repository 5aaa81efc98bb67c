"""Pixels: decoding, colour, filters, outlines, warping."""
