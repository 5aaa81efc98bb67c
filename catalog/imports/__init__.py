"""Bringing many garments in at once: a file becomes rows, and each row a garment or a reason.

The one way in for lists: uploads of the Imports page, and the folder of `seed` and `demo`.
"""
