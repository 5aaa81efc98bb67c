"""Renders the demo photos: studio mannequins and flat-lay garments, numpy and OpenCV only."""
