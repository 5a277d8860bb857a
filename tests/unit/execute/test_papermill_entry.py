"""papermill's own command finds our engine, and meets the guard there."""

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from platform_utils.execute.engine import PlatformEngine

CELL = {
    "id": "a",
    "cell_type": "code",
    "source": "year = 2023",
    "metadata": {"tags": ["parameters"]},
    "outputs": [],
    "execution_count": None,
}
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def test_the_entry_stands_for_our_engine():
    (entry,) = entry_points(group="papermill.engine", name="platform-utils")
    assert PlatformEngine.execute_notebook == entry.load().execute_notebook


def test_our_engine_can_be_imported_before_papermill():
    done = subprocess.run(
        [sys.executable, "-c", "import platform_utils.execute.engine"], capture_output=True, check=False
    )
    assert 0 == done.returncode, done.stderr


def papermill(folder, cells, *words):
    path = folder / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}))
    command = [sys.executable, "-m", "papermill", "--engine", "platform-utils", "--no-progress-bar"]
    command += [str(path), str(folder / "out.ipynb"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("name", "status"), [("year", 0), ("yaer", 1)])
def test_papermill_refuses_what_we_refuse(tmp_path, name, status):
    done = papermill(tmp_path, [CELL], "-p", name, "2019")
    assert status == done.returncode
    assert ("E-517" in done.stderr) == bool(status)


def test_papermill_neither_prints_nor_keeps_what_a_failing_cell_said(tmp_path):
    fails = {**CELL, "id": "b", "metadata": {}, "source": "raise ValueError('SECRET' + '-77')"}
    done = papermill(tmp_path, [CELL, fails])
    assert 1 == done.returncode
    assert "ValueError" in done.stderr
    kept = (tmp_path / "out.ipynb").read_text(encoding="utf-8")
    assert "ValueError" in kept
    assert [] == [text for text in (done.stdout, done.stderr, kept) if "SECRET-77" in text]
