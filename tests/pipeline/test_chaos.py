"""Killed anywhere, disk full anywhere, two builds at once: nothing half-written, and one more run mends it."""

import errno
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from platform_utils import paths
from platform_utils.errors import FileError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace, write_atomically
from platform_utils.workflow import Node, run_nodes, what_changed

SIZE = 200_000
KILLS = 12
FULL = 20


def nodes(place):
    out = place.controlled("demo", 2023)
    parts = [
        Node(
            f"part/{i}",
            print,
            {"part": i},
            data=(place.returns("demo", 2023),),
            outputs=((out, f"part-{i}-*.txt"),),
        )
        for i in range(5)
    ]
    needs = tuple(part.name for part in parts)
    return [*parts, Node("whole/1", print, {"part": -1}, needs=needs, outputs=((out, "whole.txt"),))]


def make(node, place):
    out = place.controlled("demo", 2023)
    part = node.arguments["part"]
    if part < 0:
        texts = {"whole.txt": "".join(path.read_text()[:10] for path in sorted(out.glob("part-*.txt")))}
    else:
        texts = {f"part-{part}-{i}.txt": f"{part}{i}" * SIZE for i in range(3)}
    for name, text in texts.items():
        with write_atomically(out / name) as partial:
            for start in range(0, len(text), SIZE // 4):
                with partial.open("a") as file:
                    file.write(text[start : start + SIZE // 4])


def build(root):
    place = Workspace(root)
    with one_writer(place):
        return run_nodes(nodes(place), place, "demo", workers=2, perform=make)


def lay_out(root):
    returns = Workspace(root).returns("demo", 2023)
    returns.mkdir(parents=True)
    (returns / "a.csv").write_text("1")
    return root


def visible(root):
    """What stands under a final name; a manifest's absence is what makes a run go on."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "data_clean").rglob("*"))
        if path.is_file() and not path.name.startswith(".partial-")
    }


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    root = lay_out(tmp_path_factory.mktemp("clean"))
    build(root)
    return visible(root)


def started(root):
    script = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import test_chaos; test_chaos.build(test_chaos.Path({str(root)!r}))"
    return subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE)


def test_killed_at_random_points(clean, tmp_path):
    root = lay_out(tmp_path)
    chance = random.Random(1)
    torn = 0
    for _ in range(KILLS):
        with started(root) as process:
            while not (root / "data_clean").exists() and process.poll() is None:
                time.sleep(0.002)
            time.sleep(chance.uniform(0, 0.05))
            process.send_signal(signal.SIGKILL)
            process.communicate()
        assert all(clean[name] == content for name, content in visible(root).items())
        torn += visible(root) != clean
        for path in (root / "data_clean").rglob("*"):
            if path.is_file() and chance.random() < 0.5:
                path.unlink()
    assert torn > KILLS / 2, "hardly any kill came in the middle"
    build(root)
    assert clean == visible(root)
    assert [] == what_changed(nodes(Workspace(root)), Workspace(root), "demo")


@pytest.mark.parametrize("number", range(1, FULL + 1))
def test_a_disk_that_is_full_when_a_file_is_written(clean, tmp_path, monkeypatch, number):
    root = lay_out(tmp_path)
    written = iter(range(1, 10_000))
    whole = os.fsync

    def full(handle):
        if next(written) == number:
            raise OSError(errno.ENOSPC, "no space left on device")
        whole(handle)

    monkeypatch.setattr(paths.os, "fsync", full)
    outcome = build(root)
    assert ["E-014"] == [error.code for error in outcome.failed.values()]
    assert all(clean[name] == content for name, content in visible(root).items())
    assert not list(root.rglob(".partial-*"))
    monkeypatch.setattr(paths.os, "fsync", whole)
    build(root)
    assert clean == visible(root)


def test_of_two_builds_at_once_one_is_refused(clean, tmp_path):
    root = lay_out(tmp_path)
    with one_writer(Workspace(root)), started(root) as second:
        _, said = second.communicate()
    assert 1 == second.returncode
    assert "E-011" in said.decode()
    build(root)
    assert clean == visible(root)


def test_the_lock_of_a_killed_build_is_free_at_once(tmp_path):
    root = lay_out(tmp_path)
    script = textwrap.dedent(f"""
        import time
        from pathlib import Path
        from platform_utils.lock import one_writer
        from platform_utils.paths import Workspace
        with one_writer(Workspace(Path({str(root)!r}))):
            print("held", flush=True)
            time.sleep(600)
        """)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as holder:
        assert b"held\n" == holder.stdout.readline()
        with pytest.raises(FileError, match="E-011"), one_writer(Workspace(root)):
            pass
        holder.kill()
        holder.wait()
    with one_writer(Workspace(root)):
        pass
