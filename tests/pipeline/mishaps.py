"""What befalls a build from outside: a disk that is full, another clock, a kernel that dies, hangs or eats memory.

Each is given to a build as environment or as a changed notebook; nothing of the project knows about them.
"""

import contextlib
import json
import shutil
import subprocess

FULL_DISK = """
import errno, os

_whole, _count, _point = os.fsync, os.environ["MISHAP_COUNT"], int(os.environ["MISHAP_POINT"])

def _until_full(handle):
    at = os.open(_count, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        os.write(at, b".")
        full = os.fstat(at).st_size >= _point
    finally:
        os.close(at)
    if full:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    _whole(handle)

os.fsync = _until_full
"""
"""Every process of a build, kernels too: from the point on no file can be finished any more."""

OTHER_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
#define SHIFT (%d)
int clock_gettime(clockid_t which, struct timespec *at) {
    static int (*whole)(clockid_t, struct timespec *);
    if (!whole) whole = dlsym(RTLD_NEXT, "clock_gettime");
    int status = whole(which, at);
    if (!status && which == CLOCK_REALTIME) at->tv_sec += SHIFT;
    return status;
}
int gettimeofday(struct timeval *at, void *zone) {
    struct timespec now;
    int status = clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return status;
}
time_t time(time_t *at) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at) *at = now.tv_sec;
    return now.tv_sec;
}
"""

KERNELS = {
    "a kernel that dies": "import os; os.kill(os.getpid(), 9)",
    "a kernel that fills its memory": "import resource; resource.setrlimit(resource.RLIMIT_AS, (3 << 30,) * 2); b'1' * (1 << 40)",
    "a kernel that hangs": "while True: pass",
}
"""What a cell does first."""


def full_disk(folder, point, given=""):
    """Return the environment of a build whose disk is full when ``point`` files have been written."""
    code = folder / "site"
    code.mkdir(parents=True, exist_ok=True)
    (code / "sitecustomize.py").write_text(FULL_DISK)
    path = f"{code}:{given}" if given else str(code)
    return {"PYTHONPATH": path, "MISHAP_COUNT": str(folder / "written"), "MISHAP_POINT": str(point)}


def files_written(folder):
    """Return how many files a build with `full_disk` has tried to finish."""
    path = folder / "written"
    return path.stat().st_size if path.exists() else 0


def other_clock(folder, days):
    """Return the environment of a build whose clock differs by some days; None without a C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(OTHER_CLOCK % (days * 86_400))
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


@contextlib.contextmanager
def kernel_mishap(place, what, notebook="20_annual_statistics.ipynb"):
    """Let a notebook's kernel come to grief in its first cell after the parameters."""
    path = place / "notebooks" / notebook
    before = path.read_bytes()
    changed = json.loads(before)
    cell = next(c for c in changed["cells"] if c["id"] == "imports")
    cell["source"] = [f"{KERNELS[what]}\n", *cell["source"]]
    path.write_text(json.dumps(changed))
    try:
        yield
    finally:
        path.write_bytes(before)
