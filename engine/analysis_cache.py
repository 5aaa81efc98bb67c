"""Analyses of single photos, cached by content so that a matrix analyses each photo once.

On disk, because several worker processes share it; and a small part in the process. An entry is a
plain .npz (never a pickle) of one to two megabytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import threading
import weakref
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # a web process imports this module, and not numpy
    from engine.arrays import Arrays

T = TypeVar("T")
MB = 1 << 20
IN_PROCESS = 12  # photos; about 6 MB each once plates are made
SUFFIX = ".npz"

_caches: weakref.WeakSet[AnalysisCache] = weakref.WeakSet()


class AnalysisCache:
    """Analyses in `folder`, at most `limit_mb` of them; safe to share between processes.

    Losing it costs time and nothing else: unreadable entries are made again, and a folder that
    cannot be written is only not used.
    """

    def __init__(self, folder: Path, limit_mb: int = 512) -> None:
        self.folder = Path(folder)
        self.limit = limit_mb * MB
        self._recent: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()
        _caches.add(self)

    @staticmethod
    def key(kind: str, version: str, data: bytes) -> str:
        """Return the key of an analysis; the content comes first, so that `delete` finds it."""
        analysis = hashlib.sha256(f"{kind}:{version}".encode()).hexdigest()
        return f"{hashlib.sha256(data).hexdigest()}-{analysis[:16]}"

    def get_or_make(
        self,
        key: str,
        unpack: Callable[[Arrays], T],
        make: Callable[[], T],
        pack: Callable[[T], Arrays],
    ) -> T:
        """Return the analysis under `key` from the process or the disk, else make and store it.

        `unpack` and `pack` convert it from and to arrays by name.
        """
        with self._lock:
            if key in self._recent:
                self._recent.move_to_end(key)
                known: T = self._recent[key]
                return known
        found = self._read(key, unpack)
        if found is None:
            found = make()
            self._write(key, pack(found))
        with self._lock:
            self._recent[key] = found
            while len(self._recent) > IN_PROCESS:
                self._recent.popitem(last=False)
        return found

    def clear(self) -> None:
        """Clear the part in this process; the disk keeps its share."""
        with self._lock:
            self._recent.clear()

    def delete(self, hashes: Collection[str]) -> int:
        """Delete all analyses of the photos with these SHA-256; return how many there were.

        Entries of older versions, whose names do not begin with the content's hash, are deleted
        too. What other processes hold in memory is gone when they end.
        """
        clear_all()
        gone = 0
        for path in self.folder.glob("*" + SUFFIX):
            content, dash, _analysis = path.stem.partition("-")
            if not dash or content in hashes:
                path.unlink(missing_ok=True)
                gone += content in hashes
        return gone

    def _path(self, key: str) -> Path:
        return self.folder / (key + SUFFIX)

    def _read(self, key: str, unpack: Callable[[Arrays], T]) -> T | None:
        import numpy as np  # late: a web process knows the folder and reads no entry

        path = self._path(key)
        try:
            with np.load(path, allow_pickle=False) as entry:
                found = unpack({name: entry[name] for name in entry.files})
            os.utime(path)  # so that the oldest is the one longest unused
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        return found

    def _write(self, key: str, arrays: Arrays) -> None:
        """Write to a temporary file and rename it, so that no reader sees half an entry."""
        import numpy as np

        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self.folder, suffix=".tmp")
            try:
                with os.fdopen(handle, "wb") as file:
                    np.savez(file, **arrays)
                os.replace(name, self._path(key))
            finally:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(name)
            self._make_room()

    def _make_room(self) -> None:
        """Remove the longest unused entries over the limit."""
        entries = []
        for path in self.folder.glob("*" + SUFFIX):
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                entries.append((stat.st_mtime_ns, stat.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self.limit:
                return
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            total -= size


def clear_all() -> None:
    """Clear every cache's part in this process."""
    for cache in list(_caches):
        cache.clear()


def _new_locks() -> None:
    # A lock that another thread held at the fork would never be released in the child.
    for cache in list(_caches):
        cache._lock = threading.Lock()


os.register_at_fork(after_in_child=_new_locks)
