"""Starting a process that does not outlive its parent, and ending one that did."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

WAKING = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD})
"""The signals a supervising process blocks and waits for."""

_PR_SET_PDEATHSIG = 1
_ORPHAN_SECONDS = 20.0


def start_child(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    on_parents_death: signal.Signals,
    account: tuple[int, int] | None = None,
    output: int | None = None,
    umask: int = -1,
) -> subprocess.Popen[bytes]:
    """Starts a program in a session of its own, so that the terminal's Ctrl-C passes it by.

    Where the kernel offers it (Linux), it gets `on_parents_death` when this process ends in any
    way, also when it is killed. Call it from the main thread of a process with one thread.
    """
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    parent = os.getpid()

    def in_the_child() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WAKING)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, int(on_parents_death), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    user, group = account or (None, None)
    return subprocess.Popen(
        arguments,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        user=user,
        group=group,
        extra_groups=[] if user is not None else None,
        umask=umask,
        start_new_session=True,
        preexec_fn=in_the_child,
    )


def end_orphans(program: str, folder: Path) -> None:
    """Ends what still runs as `program` in `folder`, and returns when it is gone.

    Only the one who may start the program there calls this: whatever runs has lost its parent.
    """
    left = [process for process in psutil.process_iter() if _runs(process, program, folder)]
    for process in left:
        _send(process, signal.SIGINT)
    _, stubborn = psutil.wait_procs(left, timeout=_ORPHAN_SECONDS)
    for process in stubborn:
        _send(process, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=_ORPHAN_SECONDS)


def _runs(process: psutil.Process, program: str, folder: Path) -> bool:
    try:
        return bool(process.name() == program and process.cwd() == str(folder))
    except psutil.Error:
        return False  # it has ended, or is another user's


def _send(process: psutil.Process, number: signal.Signals) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(number)
