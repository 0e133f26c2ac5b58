"""The embedded servers under everything that happens to processes, with real processes."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from bpf_portal import embedded

pytestmark = pytest.mark.fault

_PROJECT = Path(__file__).resolve().parents[2]
_PATIENCE_SECONDS = 60

# Joins the servers, says so with their process numbers, and stays until its input ends.
_USER = """
import sys
from pathlib import Path
from bpf_portal import embedded
embedded.ensure_running(database={database}, redis={redis}, var=Path(sys.argv[1]))
print("joined", flush=True)
{then}
sys.stdin.read()
"""


class User:
    """One process that uses the servers under `var`."""

    def __init__(
        self, var: Path, *, database: bool = False, redis: bool = False, then: str = ""
    ) -> None:
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-c", _USER.format(database=database, redis=redis, then=then)),
                str(var),
            ],
            cwd=_PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def wait_until_joined(self) -> "User":
        assert self.read_line() == "joined"
        return self

    def read_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        """Ends as a command does, and returns when it has ended."""
        self.process.communicate(timeout=_PATIENCE_SECONDS)
        assert self.process.returncode == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


Join = Callable[..., User]


@pytest.fixture(scope="module")
def database_var() -> Iterator[Path]:
    """A folder whose cluster is made once: the tests leave it stopped."""
    with tempfile.TemporaryDirectory(prefix="bpf-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def redis_var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bpf-") as folder:
        yield Path(folder)


@pytest.fixture
def join() -> Iterator[Join]:
    """Starts users, and sees to it that none outlives its test."""
    users: list[User] = []

    def start(var: Path, **services: object) -> User:
        users.append(User(var, **services))  # type: ignore[arg-type]
        return users[-1]

    yield start
    for user in users:
        if user.process.poll() is None:
            user.process.communicate(timeout=_PATIENCE_SECONDS)


def keeper(var: Path, service: str) -> psutil.Process:
    """The keeper of a server under `var`. Raises psutil.NoSuchProcess when there is none."""
    return psutil.Process(int((var / "run" / f"{service}.keeper").read_text()))


def server(var: Path, service: str) -> psutil.Process:
    """The server process itself."""
    (child,) = keeper(var, service).children()
    return child


def database_answers(var: Path) -> bool:
    folder, database = (
        embedded.addresses(var).database_url.removeprefix("postgres://bpf@/").rsplit("/", 1)
    )
    try:
        psycopg2.connect(host=folder, user="bpf", dbname=database).close()
    except psycopg2.OperationalError:
        return False
    return True


def wait_for_the_end(process: psutil.Process) -> None:
    assert not psutil.wait_procs([process], timeout=_PATIENCE_SECONDS)[1]


def test_addresses_start_nothing_and_stay_the_same(tmp_path: Path) -> None:
    var = tmp_path / "not-there-yet"
    assert embedded.addresses(var) == embedded.addresses(var)
    assert embedded.addresses(var) != embedded.addresses(tmp_path / "another")
    assert not var.exists()


def test_a_deep_folder_still_gets_a_socket_the_system_takes(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    socket = embedded.addresses(deep).redis_url.removeprefix("unix://")
    assert len(socket) < 108


def test_two_commands_at_once_share_one_server_until_the_last_ends(
    database_var: Path, join: Join
) -> None:
    first, second = (join(database_var, database=True) for _ in range(2))
    first.wait_until_joined()
    second.wait_until_joined()
    postgres = server(database_var, "postgres")

    first.leave()
    assert postgres.is_running()
    assert database_answers(database_var)

    kept_by = keeper(database_var, "postgres")
    second.leave()
    assert not postgres.is_running()
    assert not kept_by.is_running() or kept_by.status() == psutil.STATUS_ZOMBIE
    assert not database_answers(database_var)


def test_a_forked_child_that_ends_does_not_stop_the_server(redis_var: Path, join: Join) -> None:
    fork = """
import contextlib
import os
child = os.fork()
if child == 0:
    sys.exit()
os.waitpid(child, 0)
print("child ended", flush=True)
"""
    parent = join(redis_var, redis=True, then=fork).wait_until_joined()
    assert parent.read_line() == "child ended"
    redis = server(redis_var, "redis")
    assert redis.is_running()
    parent.leave()
    assert not redis.is_running()


def test_a_killed_command_leaves_no_server_behind(database_var: Path, join: Join) -> None:
    user = join(database_var, database=True).wait_until_joined()
    kept_by = keeper(database_var, "postgres")
    postgres = server(database_var, "postgres")
    user.kill()
    wait_for_the_end(postgres)
    wait_for_the_end(kept_by)


@pytest.mark.parametrize("service", ["postgres", "redis"])
def test_a_killed_server_comes_back_under_its_users(
    service: str, database_var: Path, join: Join
) -> None:
    services = {"database": service == "postgres", "redis": service == "redis"}
    user = join(database_var, **services).wait_until_joined()
    killed = server(database_var, service)
    killed.kill()
    wait_for_the_end(killed)

    # Joining waits until the server answers again.
    another = join(database_var, **services).wait_until_joined()
    assert server(database_var, service).pid != killed.pid
    another.leave()
    user.leave()


@pytest.mark.parametrize("service", ["postgres", "redis"])
def test_a_killed_keeper_takes_its_server_along_and_the_next_command_starts_both(
    service: str, database_var: Path, join: Join
) -> None:
    services = {"database": service == "postgres", "redis": service == "redis"}
    user = join(database_var, **services).wait_until_joined()
    orphan = server(database_var, service)
    keeper(database_var, service).kill()
    another = join(database_var, **services).wait_until_joined()
    wait_for_the_end(orphan)
    assert server(database_var, service).pid != orphan.pid
    user.leave()
    another.leave()


def test_what_was_committed_is_there_after_everything_was_killed(
    database_var: Path, join: Join
) -> None:
    folder = embedded.addresses(database_var).database_url.removeprefix("postgres://bpf@/")
    host = folder.rsplit("/", 1)[0]
    user = join(database_var, database=True).wait_until_joined()
    with psycopg2.connect(host=host, user="bpf", dbname="bpf") as connection:
        connection.cursor().execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()
    kept_by = keeper(database_var, "postgres")
    postgres = server(database_var, "postgres")
    kept_by.send_signal(signal.SIGSTOP)  # so that it cannot start another in between
    family = [postgres, *postgres.children(recursive=True)]
    for process in (*family, kept_by):
        with contextlib.suppress(psutil.NoSuchProcess):  # without the first, the others end too
            process.kill()
    user.kill()
    for process in (*family, kept_by):
        wait_for_the_end(process)
    assert (database_var / "postgres" / "postmaster.pid").exists()

    again = join(database_var, database=True).wait_until_joined()
    connection = psycopg2.connect(host=host, user="bpf", dbname="bpf")
    with connection.cursor() as cursor:
        cursor.execute("SELECT answer FROM kept")
        assert cursor.fetchone() == (42,)
        cursor.execute("DROP TABLE kept")
    connection.commit()
    connection.close()
    again.leave()


def test_a_process_file_that_names_a_stranger_does_not_block_the_start(
    database_var: Path, join: Join
) -> None:
    join(database_var, database=True).wait_until_joined().leave()
    data = database_var / "postgres"
    owner = data.stat()
    # A process of the same account with that number, as after a container's restart.
    stranger = subprocess.Popen(
        ["sleep", "600"],
        user=owner.st_uid if os.geteuid() == 0 else None,
        group=owner.st_gid if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
    )
    try:
        stale = data / "postmaster.pid"
        stale.write_text(f"{stranger.pid}\n{data}\n1700000000\n5432\n/nowhere\n\n1 1\nready\n")
        os.chown(stale, owner.st_uid, owner.st_gid)
        join(database_var, database=True).wait_until_joined().leave()
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_removing_the_folder_stops_its_server(redis_var: Path, join: Join) -> None:
    user = join(redis_var, redis=True).wait_until_joined()
    redis = server(redis_var, "redis")
    (redis_var / "run" / "redis.keeper").unlink()
    wait_for_the_end(redis)
    user.leave()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL under another account")
def test_a_home_closed_to_others_stays_closed(tmp_path: Path, join: Join) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    var = home / "portal" / "var"
    join(var, database=True).wait_until_joined().leave()
    assert home.stat().st_mode & 0o777 == 0o700
    join(var, database=True).wait_until_joined().leave()
    data = (var / "postgres").resolve()
    assert home not in data.parents
    subprocess.run(["rm", "-r", str(data)], check=True)


def test_a_folder_one_may_not_write_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(embedded.EmbeddedServerError, match="BPF_VAR"):
        embedded.ensure_running(database=False, redis=True, var=blocked / "var")
