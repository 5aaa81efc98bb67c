from galleries.models.gallery import Gallery
from galleries.models.item import GalleryItem
from galleries.models.public_image import PublicImage
from galleries.models.share_link import ShareLink

__all__ = ["Gallery", "GalleryItem", "PublicImage", "ShareLink"]
