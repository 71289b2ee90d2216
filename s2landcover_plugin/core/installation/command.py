# SPDX-License-Identifier: GPL-2.0-or-later
"""Running another program: its lines go to the user as they come, and Cancel ends it."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..progress import Progress

_PATIENCE = 0.2  # seconds between two looks at whether the user has cancelled
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows opens a console for every program otherwise


@dataclass(frozen=True)
class Finished:
    """What a program left.

    Attributes:
        code: exit code; 0 if it went well.
        lines: all that it wrote, to either stream.
    """

    code: int
    lines: tuple[str, ...]


def run(command: Sequence[str], environment: Mapping[str, str], folder: Path, progress: Progress) -> Finished:
    """Run a program to its end.

    Args:
        command: the program and its arguments.
        environment: variables to set besides those that are.
        folder: where to run it.
        progress: hears every line, and can cancel.

    Raises:
        OSError: if the program cannot be started.
        Cancelled: if the user cancels; the program has been ended then.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        creationflags=_NO_WINDOW,
    )
    assert process.stdout is not None  # a pipe was asked for
    with process:
        try:
            lines = _follow(process.stdout, progress)
        except BaseException:
            process.kill()
            raise
    return Finished(process.returncode, lines)


def _follow(stream: IO[str], progress: Progress) -> tuple[str, ...]:
    waiting: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_read, args=(stream, waiting), daemon=True).start()
    lines: list[str] = []
    while True:
        progress.check()
        try:
            line = waiting.get(timeout=_PATIENCE)
        except queue.Empty:
            continue
        if line is None:
            return tuple(lines)
        lines.append(line)
        progress.info(line)


def _read(stream: IO[str], waiting: queue.Queue[str | None]) -> None:
    try:
        for line in stream:
            waiting.put(line.rstrip())
    except ValueError:  # closed, as the program was ended
        pass
    finally:
        waiting.put(None)
