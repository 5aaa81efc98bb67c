"""A ZIP that somebody made: read entry by entry, nothing is ever unpacked to a disk."""

from __future__ import annotations

import stat
import unicodedata
import zlib
from pathlib import PurePosixPath
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext_lazy as _

from catalog.imports.columns import KINDS
from catalog.photos import ingest
from catalog.photos.refusals import MAX_BYTES, Refused

MAX_ENTRIES = 20_000
MAX_TOTAL = 20_000_000_000
# A photo is packed already: what shrinks this much is none, unless it is small anyway.
MAX_RATIO, RATIO_FROM = 100, 1_000_000
MAX_TEXT = 20_000_000
_ARCHIVES = {".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"}
# What operating systems leave in folders.
_LITTER = {"thumbs.db", "desktop.ini"}


class Archive:
    """The entries of a ZIP by the names people gave them. Raises Refused for the whole."""

    def __init__(self, file: IO[bytes] | str) -> None:
        try:
            self._zip = ZipFile(file)
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            text = _("The ZIP cannot be opened. Make it again, or upload it again.")
            raise Refused("unreadable_zip", text) from error
        infos = self._zip.infolist()
        _check_whole(infos)
        self.twice: list[str] = []
        self.entries: dict[str, ZipInfo] = {}
        decode = _decoder(infos)
        for info in infos:
            name = unicodedata.normalize("NFC", decode(info).replace("\\", "/"))
            if info.is_dir() or _is_litter(name):
                continue
            if name in self.entries:
                self.twice.append(name)
            self.entries.setdefault(name, info)
        self._root = _common_folder(self.entries)

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def names(self) -> list[str]:
        """The files as a manifest would name them: below the one folder that holds them all."""
        return [name.removeprefix(self._root) for name in self.entries]

    def has(self, name: str) -> bool:
        return self._info(name) is not None

    def _info(self, name: str) -> ZipInfo | None:
        name = unicodedata.normalize("NFC", name.replace("\\", "/").removeprefix("./"))
        return self.entries.get(self._root + name) or self.entries.get(name)

    def read(self, name: str, limit: int = MAX_BYTES) -> bytes:
        """The bytes of an entry. Raises Refused for what is no honest file."""
        info = self._info(name)
        _check_name(name)
        if info is None:
            text = _("The ZIP has no file {file}. Add it, or correct its name.")
            raise Refused("missing", text, file=name[:200])
        _check_entry(info)
        if info.file_size > limit:
            ingest.check_bytes(info.file_size)
            raise Refused("too_many_bytes", _("The file is too large. Split it."))
        try:
            with self._zip.open(info) as entry:
                return entry.read(limit + 1)
        except (
            BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            ValueError,
            NotImplementedError,
        ) as error:
            text = _("The file is damaged within the ZIP. Make the ZIP again.")
            raise Refused("damaged_entry", text) from error


def _check_whole(infos: list[ZipInfo]) -> None:
    if len(infos) > MAX_ENTRIES:
        text = _("The ZIP holds {found} files; {limit} are taken at once. Split it.")
        raise Refused("too_many_entries", text, found=len(infos), limit=MAX_ENTRIES)
    if sum(info.file_size for info in infos) > MAX_TOTAL:
        text = _("Unpacked, the ZIP would have more than {limit} GB. Split it.")
        raise Refused("too_large_unpacked", text, limit=MAX_TOTAL // 1_000_000_000)
    files = [info for info in infos if not info.is_dir()]
    if not files:
        raise Refused("empty_zip", _("The ZIP is empty. Put photos into top, bottom and dress."))
    if all(info.flag_bits & 1 for info in files):
        text = _("The ZIP has a password. Make it again without one.")
        raise Refused("encrypted", text)


def _check_name(name: str) -> None:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if ".." in parts or name.startswith(("/", "\\")) or ":" in (parts or ("",))[0]:
        text = _("The name leads out of the ZIP. Make the ZIP from the folder of photos.")
        raise Refused("outside_folder", text)


def _check_entry(info: ZipInfo) -> None:
    if stat.S_ISLNK(info.external_attr >> 16):
        text = _("This is a link, not a photo. Put the photo itself into the ZIP.")
        raise Refused("link", text)
    if info.flag_bits & 1:
        text = _("The file is locked by a password. Make the ZIP again without one.")
        raise Refused("encrypted", text)
    if PurePosixPath(info.filename).suffix.lower() in _ARCHIVES:
        text = _("An archive within the ZIP is not opened. Unpack it first.")
        raise Refused("nested", text)
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        # Others let a small file ask for gigabytes of memory.
        text = _("The file is packed in a rare way. Make the ZIP with the usual program.")
        raise Refused("rare_packing", text)
    ratio = info.file_size / max(1, info.compress_size)
    if info.file_size > RATIO_FROM and ratio > MAX_RATIO:
        text = _("The file would grow to {ratio} times its size: no photo does. Leave it out.")
        raise Refused("bomb", text, ratio=round(ratio))


def _decoder(infos: list[ZipInfo]) -> Any:
    """How this archive writes its names: some programs write GBK or UTF-8 and do not say so."""
    unmarked = [info for info in infos if not info.flag_bits & 0x800]
    raw = [_raw(info) for info in unmarked]
    for encoding in ("utf-8", "gb18030"):
        try:
            names = {id(i): r.decode(encoding) for i, r in zip(unmarked, raw, strict=True)}
        except UnicodeDecodeError:
            continue
        return lambda info: names.get(id(info), info.filename)
    return lambda info: info.filename


def _raw(info: ZipInfo) -> bytes:
    """The name's bytes; zipfile takes whatever is not marked for the code page of old DOS."""
    try:
        return info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename.encode()


def _is_litter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    hidden = bool(parts) and parts[-1].startswith(".")
    return hidden or "__MACOSX" in parts or (bool(parts) and parts[-1].lower() in _LITTER)


def _common_folder(names: dict[str, ZipInfo]) -> str:
    """`photos/` where everything lies in it and it says nothing; else ""."""
    first = {name.partition("/")[0] for name in names if not name.startswith("/")}
    nested = all("/" in name for name in names)
    [only, *others] = [*first, ""]
    says_something = only.lower() in KINDS or only in {"", ".", ".."} or ":" in only
    return f"{only}/" if nested and others == [""] and not says_something else ""
