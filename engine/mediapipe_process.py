"""A fresh process that runs the mediapipe graphs for one that cannot (see mediapipe_graphs).

Messages are .npz archives behind their length in eight bytes; never pickles.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import BinaryIO, cast

import numpy as np

from engine.arrays import Arrays, Image

LENGTH = struct.Struct("<Q")


class GraphProcess:
    """A child process that runs `module`, which must call `serve` when it is run."""

    def __init__(self, module: str) -> None:
        places = os.pathsep.join(path for path in sys.path if path)
        # Started by exec, so that nothing of this process's threads comes along.
        self.process = subprocess.Popen(  # noqa: S603  (our own module)
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": places},
        )

    def ask(self, name: str, rgb: Image) -> Arrays:
        """Run one graph on an H×W×3 uint8 RGB image. Raises RuntimeError if the child has died."""
        send(cast(BinaryIO, self.process.stdin), {"name": np.array(name), "rgb": rgb})
        answer = receive(cast(BinaryIO, self.process.stdout))
        if answer is None:
            raise RuntimeError("the process that runs the mediapipe graphs has died")
        return answer

    def close(self) -> None:
        """End the child, and wait up to 30 seconds for it."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        self.process.wait(timeout=30)


def send(pipe: BinaryIO, arrays: Arrays) -> None:
    """Write one message."""
    body = io.BytesIO()
    np.savez(body, **arrays)
    data = body.getvalue()
    pipe.write(LENGTH.pack(len(data)) + data)
    pipe.flush()


def receive(pipe: BinaryIO) -> Arrays | None:
    """Read the next message; None at the end."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    with np.load(io.BytesIO(pipe.read(LENGTH.unpack(head)[0])), allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def serve(run: Callable[[str, Image], Arrays]) -> None:
    """Arrays the messages on standard input by `run`, until it is closed."""
    # Whatever prints must not get into the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (asked := receive(sys.stdin.buffer)) is not None:
        send(answers, run(str(asked["name"]), asked["rgb"]))
