"""The processes of `script/server`, under what happens to them."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.fault

_PROJECT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 60

# Two children that stay until told to end.
_SUPERVISOR = """
import signal, sys
from bpf_portal.embedded.children import WAKING
from bpf_portal.serving import Supervisor
signal.pthread_sigmask(signal.SIG_BLOCK, WAKING)
stay = [sys.executable, "-c", sys.argv[1]]
sys.exit(Supervisor().serve({"web": stay, "worker": stay}, "http://127.0.0.1:1/"))
"""
# One write, as both children write into the same pipe.
_CHILD = r"import os, time; os.write(1, b'up %d\n' % os.getpid()); time.sleep(600)"


class Supervised:
    """A supervisor with two children."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SUPERVISOR, _CHILD],
            cwd=_PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.children = [self.next_child(), self.next_child()]

    def next_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def next_child(self) -> psutil.Process:
        word, number = self.next_line().split()
        assert word == "up"
        return psutil.Process(int(number))

    def wait_until_no_child_is_left(self) -> None:
        assert not psutil.wait_procs(self.children, timeout=_PATIENCE_SECONDS)[1]


@pytest.fixture
def supervised() -> Iterator[Supervised]:
    supervised = Supervised()
    yield supervised
    supervised.process.kill()
    supervised.process.communicate()
    supervised.wait_until_no_child_is_left()


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_told_to_end_it_ends_everything(supervised: Supervised, told: signal.Signals) -> None:
    supervised.process.send_signal(told)
    assert supervised.process.wait(_PATIENCE_SECONDS) == 0
    supervised.wait_until_no_child_is_left()


def test_a_process_that_dies_is_named_and_started_again(supervised: Supervised) -> None:
    supervised.children[0].kill()
    assert "died (exit -9), starting it again" in supervised.next_line()
    supervised.children.append(supervised.next_child())
    assert supervised.children[2].is_running()
    assert supervised.children[1].is_running()


def test_a_process_that_cannot_live_ends_everything(supervised: Supervised) -> None:
    for _ in range(4):
        supervised.children[-1].kill()
        assert "starting it again" in supervised.next_line()
        supervised.children.append(supervised.next_child())
    supervised.children[-1].kill()
    assert "ending everything" in supervised.next_line()
    assert supervised.process.wait(_PATIENCE_SECONDS) == 1
    supervised.wait_until_no_child_is_left()


def test_killed_itself_it_leaves_nobody_behind(supervised: Supervised) -> None:
    supervised.process.kill()
    supervised.wait_until_no_child_is_left()
