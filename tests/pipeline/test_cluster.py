"""One year on two Dask workers, one of them killed in the middle: not a byte differs from a build here."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from one_year import COMMAND, YEAR, differing, environment, lay_out, made

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

WORKERS = 2
PATIENCE = 120


def start(command, **options):
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


def tool(place, *more):
    return start(["platform_utils", *COMMAND, *more], env=environment(place), cwd=place)


def finished(process):
    said, _ = process.communicate(timeout=3 * PATIENCE)
    assert 0 == process.returncode, said[-2000:]
    return said


def has_kernel(pid):
    children = psutil.Process(pid).children(recursive=True)
    with contextlib.suppress(psutil.Error):
        return any("fork_client" in word for child in children for word in child.cmdline())
    return False


def wait_for(condition):
    for _ in range(PATIENCE * 100):
        if found := condition():
            return found
        time.sleep(0.01)
    pytest.fail("waited in vain")


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers on loopback, started as the README says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    quiet = {"env": {**os.environ, "DASK_LOGGING__DISTRIBUTED": "error"}, "cwd": tmp_path}
    port = address.rpartition(":")[2]
    processes = [
        start(["dask", "scheduler", "--host", "127.0.0.1", "--port", port, "--no-dashboard"], **quiet)
    ]
    folders = [tmp_path / f"worker {i}" for i in range(WORKERS)]
    for folder in folders:
        own = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
        processes.append(start(["dask", "worker", address, *own], **quiet))
    wait_for(lambda: len(list(tmp_path.glob("worker */*/worker-*.dirlock"))) == WORKERS)
    yield address, dict(zip(folders, processes[1:], strict=True))
    for process in reversed(processes):
        process.kill()
        process.communicate()


def test_a_worker_killed_in_the_middle_changes_no_byte(
    reference, one_desk, one_years_returns, cluster, tmp_path
):
    address, workers = cluster
    place = lay_out(tmp_path / "workspace", one_years_returns, desk=one_desk)
    build = tool(place, "--cluster", address)
    documents = place / "data_clean" / "demo" / "manifests" / "count" / f"{YEAR}.json"
    wait_for(documents.is_file)
    busy = wait_for(lambda: [worker for worker in workers.values() if has_kernel(worker.pid)])[0]
    busy.send_signal(signal.SIGKILL)
    finished(build)
    assert [] == differing(reference, made(place))
    again = finished(tool(place, "--cluster", "tcp://127.0.0.1:1"))
    assert "0 gjorda" in again, "with nothing to do, a cluster is not even called"
