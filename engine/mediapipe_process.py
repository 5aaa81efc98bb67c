"""A fresh process that runs the graphs for one that cannot (see graphs).

Messages are .npz archives behind their length in eight bytes; never pickles.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
from typing import Any, BinaryIO, cast

import numpy as np

from engine.arrays import Image

LENGTH = struct.Struct("<Q")


class Helper:
    """The asking side; raises RuntimeError where the helper has died."""

    def __init__(self) -> None:
        places = os.pathsep.join(path for path in sys.path if path)
        # Started by exec, so that nothing of this process's threads comes along.
        self.process = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": places},
        )

    def ask(self, name: str, rgb: Image) -> dict[str, Any]:
        send(cast(BinaryIO, self.process.stdin), {"name": np.array(name), "rgb": rgb})
        answer = receive(cast(BinaryIO, self.process.stdout))
        if answer is None:
            raise RuntimeError("the process that runs the mediapipe graphs has died")
        return answer

    def close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        self.process.wait(timeout=30)


def send(pipe: BinaryIO, arrays: dict[str, Any]) -> None:
    body = io.BytesIO()
    np.savez(body, **arrays)
    data = body.getvalue()
    pipe.write(LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: BinaryIO) -> dict[str, Any] | None:
    """The next message; None at the end."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    with np.load(io.BytesIO(pipe.read(LENGTH.unpack(head)[0])), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def serve() -> None:
    from engine import mediapipe_graphs

    # Whatever prints must not get into the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (asked := receive(sys.stdin.buffer)) is not None:
        send(answers, mediapipe_graphs.run(str(asked["name"]), asked["rgb"]))


if __name__ == "__main__":
    serve()
