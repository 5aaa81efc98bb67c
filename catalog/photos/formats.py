"""What a file is, by its first bytes: before any decoder sees it."""

from __future__ import annotations

import re

# Pillow's name of each accepted format, and the extension its original is kept under.
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "BMP": "bmp", "WEBP": "webp", "HEIF": "heic"}

# Cameras write about ten scans, and parts of kilobytes.
MAX_SCANS = 40
MAX_PARTS = 20_000

# Named only so that a refusal can say what was found.
_NAMED = {
    b"GIF8": "GIF",
    b"%PDF": "PDF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"8BPS": "PSD",
    b"PK\3\4": "ZIP",
    b"<svg": "SVG",
    b"<?xml": "XML",
    b"<!doctype html": "HTML",
    b"<html": "HTML",
}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}
_SEQUENCE_BRANDS = {b"hevc", b"hevx", b"msf1"}
_JPEG_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]")


def recognise(data: bytes) -> str:
    """Return a key of EXTENSIONS, "HEIF sequence", or another format's name, or ""."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"BM"):
        return "BMP"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return _recognise_brands(data)
    head = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((name for magic, name in _NAMED.items() if _starts(head, magic)), "")


def _starts(head: bytes, magic: bytes) -> bool:
    return head.lower().startswith(magic.lower())


def _recognise_brands(data: bytes) -> str:
    end = min(int.from_bytes(data[:4], "big"), 256)
    major = data[8:12]
    brands = {major} | {data[at : at + 4] for at in range(16, end, 4)}
    if major in _SEQUENCE_BRANDS:
        return "HEIF sequence"
    if b"avif" in brands or b"avis" in brands:
        return "AVIF"
    return "HEIF" if brands & _HEIC_BRANDS else "MP4"


def is_cut_short(kind: str, data: bytes) -> bool:
    """Whether the file's own words promise more bytes than there are."""
    if kind == "WEBP":
        return int.from_bytes(data[4:8], "little") + 8 > len(data)
    if kind == "HEIF":
        return _boxes_end(data) > len(data)
    return False


def _boxes_end(data: bytes) -> int:
    """Walk the top-level boxes of an ISO media file to where the last one should end."""
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:
            # Zero means "to the end of the file"; less than a header is nonsense for the decoder.
            return len(data)
        at += size
    return at


def is_crowded(kind: str, data: bytes) -> bool:
    """Whether a small file would keep a decoder busy for long by the number of its parts alone."""
    if kind == "JPEG":
        return _count_scans(data) > MAX_SCANS
    return kind == "PNG" and _count_chunks(data) > MAX_PARTS


def _count_scans(data: bytes) -> int:
    """Count the scans up to the end of the first picture; each costs a pass over all pixels."""
    scans, resume = 0, 2
    for parts, match in enumerate(_JPEG_MARKER.finditer(data, 2)):
        at = match.start()
        if at < resume:
            continue
        marker = data[at + 1]
        if marker == 0xD9:
            break
        if parts > MAX_PARTS:
            return parts
        scans += marker == 0xDA
        resume = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return scans


def _count_chunks(data: bytes) -> int:
    at, chunks = 8, 0
    while at < len(data) and chunks <= MAX_PARTS:
        at += 12 + int.from_bytes(data[at : at + 4], "big")
        chunks += 1
    return chunks
