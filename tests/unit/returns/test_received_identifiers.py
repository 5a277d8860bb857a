"""An identifier in whatever place of a file is in nothing that receiving writes or prints."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_identifiers_in_every_place_of_a_return_come_no_further_and_clean_returns_lose_nothing():
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "received_identifiers.py"), "16", "5"],
        env={name: value for name, value in os.environ.items() if name != "PLATFORM_UTILS_HOME"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    assert "in files 0, printed 0, files refused 0" in done.stdout
    assert ": refused 0, answers lost 0" in done.stdout
