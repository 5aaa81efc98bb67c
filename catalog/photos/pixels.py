"""Pixels in, pixels out: upright, eight bits, opaque, sRGB; and how they are written."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms

# Of providers: a file has at least 5 KB and at most 5 MB.
WIRE_BYTES = range(5_200, 4_900_001)

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SRGB = ImageCms.createProfile("sRGB")
# Printing profiles have one or two; more is not a profile, and would be parsed all the same.
_MAX_PROFILE_BYTES = 4_000_000


def normalised(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Bring a decoded image to an upright opaque sRGB image of `size` without metadata."""
    profile = image.info.get("icc_profile")
    orientation = _orientation(image)
    # Shrunk before anything else: the rest then costs a fraction.
    image = _resized(_eight_bit(image), size[::-1] if orientation >= 5 else size)
    image = _srgb(_opaque(image), profile).convert("RGB")
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    image.info = {}
    return image


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Scale sides down so that the longer one is at most `side`."""
    scale = min(1.0, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrunk(image: Image.Image, side: int) -> Image.Image:
    return _resized(image, fitted(*image.size, side))


def jpeg(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def wire_jpeg(image: Image.Image) -> bytes:
    """Write at full colour resolution: halved, thin stripes and red seams lose their colour."""
    content = jpeg(image, quality=92, subsampling=0)
    if len(content) < WIRE_BYTES.start:
        content = jpeg(image, quality=100, subsampling=0)
    for quality in (85, 75, 60):
        if len(content) in WIRE_BYTES or len(content) < WIRE_BYTES.start:
            break
        content = jpeg(image, quality=quality, subsampling=0)
    return content


def difference_hash(image: Image.Image) -> int:
    """Hash which of two neighbours is brighter on an 8×8 grid, as a signed 64-bit integer."""
    grey = image.convert("L").resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (grey[at] > grey[at + 1])
    return bits - (1 << 64) if bits >> 63 else bits


def average(image: Image.Image) -> str:
    """Tell the average colour as #rrggbb."""
    return "#" + image.convert("RGB").resize((1, 1), Image.Resampling.BOX).tobytes().hex()


def lies_on_its_side(image: Image.Image) -> bool:
    return _orientation(image) >= 5


def _orientation(image: Image.Image) -> int:
    """Read how the camera was held; 1, upright, where that is missing or broken."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a broken tag must not cost the photo
        return 1
    return value if value in _UPRIGHT else 1


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Bring to L, RGB, RGBA or CMYK. Sixteen bits are scaled: Pillow's own conversion clips."""
    if image.mode.startswith(("I", "F")):
        scaled = image.convert("I").point(lambda value: value * (255 / 65535) + 0.5)
        return scaled.convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    return white


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert from the embedded profile; a broken or foreign one counts as none."""
    if not profile or len(profile) > _MAX_PROFILE_BYTES:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(
            image,
            source,
            _SRGB,
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image
    return converted or image


def opened(data: bytes) -> Image.Image:
    """Decode an image of our own making."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
