"""One year in one language as a workspace of its own, and what a build of it leaves: used by tests and benchmarks."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
YEAR = 2018
COMMAND = ("report", "annual", str(YEAR), "--lang", "sv", "--to", "html,pdf,docx")
OTHER_DESK = {
    "TZ": "Asia/Tokyo",
    "LANG": "sv_SE.UTF-8",
    "LC_ALL": "de_DE.UTF-8",
    "PYTHONHASHSEED": "7",
    "USER": "somebody",
    "LOGNAME": "somebody",
    "COLUMNS": "60",
}


def lay_out(folder, returns, *, reverse=False, desk=None):
    """Make a workspace with one year's returns; ``reverse`` writes its files in the other order.

    ``desk`` is a workspace at which our modules have been read: this one remembers what they say.
    """
    for name in ("_extensions", "notebooks", "reports"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copytree(ROOT / "data_raw" / "published", folder / "data_raw" / "published")
    shutil.copy(ROOT / "_quarto.yml", folder)
    target = folder / "data_raw" / "demo" / str(YEAR)
    for path in sorted((p for p in returns.rglob("*") if p.is_file()), reverse=reverse):
        copy = target / path.relative_to(returns)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    if desk is not None:
        (folder / ".setup").mkdir()
        shutil.copy(desk / ".setup" / "code.json", folder / ".setup")
    return folder


def environment(folder, **more):
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME")}
    return {**kept, "PLATFORM_UTILS_HOME": str(folder), **more}


def start(folder, *, workers=2, cwd=None, within=(), **more):
    """Start a build in a process of its own, perhaps within another command."""
    command = [*within, sys.executable, "-m", "platform_utils", *COMMAND, "--workers", str(workers)]
    return subprocess.Popen(
        command,
        env=environment(folder, **more),
        cwd=cwd or folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=_hear_interrupts if sys.platform != "win32" else None,  # noqa: PLW1509 - no threads here
    )


def _hear_interrupts():
    """A shell that starts the tests in its background has interrupts ignored, and they would stay so."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def build(folder, **options):
    """Build, and return what was made."""
    with start(folder, **options) as process:
        _, said = process.communicate()
    assert process.returncode == 0, said.decode()[-2000:]
    return made(folder)


def made(folder):
    """The hash of every file that stands under its final name, by its path."""
    root = folder / "data_clean"
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not any(part.startswith(".partial-") for part in path.parts)
    }


def differing(one, other):
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
