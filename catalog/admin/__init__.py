from catalog.admin import assets

__all__ = ["assets"]
