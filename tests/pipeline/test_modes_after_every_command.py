"""After every command, under either umask, only their owner may read members' data, rows, locks, logs and keys."""

import contextlib
import io
import json
import os
import pkgutil
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest

from platform_utils import cli
from platform_utils.form import write_template

ROOT = Path(__file__).parents[2]
COMMANDS = {  # in the order of the work, each with the status that it ends with
    "template 2018 --output form.xlsx": 0,
    "demo --years 2018": 0,
    "check": 11,  # what has been copied in by hand since stands open, and is named
    "receive sent.xlsx --year 2018 --source members --date 2019-02-14": 0,
    "receive nowhere.xlsx --year 2018 --source members --date 2019-02-14": 11,
    "check data_raw/members/2018/sent.xlsx --lang en": 12,
    "import cases.csv --year 2016 --date 2025-01-31": 0,
    "run 2018 --source members": 0,
    "report annual 2018 --source members --lang sv --to html": 0,
    "members 2018 --source members": 0,
    "explain 2018 --source members": 2,
    "new-year 2016 --source members": 11,
    "power --members 2 --persons 8 --source members": 0,
    "evaluate --source members --data data_raw/members/pilot/cohort.csv": 0,
    "reader add first --passphrase-file pass.txt --source members": 0,
    "release 2018 --date 2019-08-15 --source members": 11,
    "feedback 2018 --source members": 11,
    "request answer request.toml --source members": 0,
    "ledger --source members": 0,
    "verify 2018-1 --source members": 11,
    "audit table.csv": 0,
    "protect table.csv": 0,
    "lab": 0,
    "delete-rows --until 2017 --source members --date 2026-01-01": 0,
}  # fmt: skip
ONCE = (
    "demo",
    "import",
    "run",
    "report",
    "members",
    "explain",
    "new-year",
    "power",
    "evaluate",
    "reader",
    "request",
)
"""Left out the second time: slow, or done."""
HEADINGS = "yearOfRegistration,Datasource,gender,ageBroad,citizenship,isForcedLabour,isSexualExploit,CountryOfExploitation"


def stands_open(root):
    """Name every folder and file that others may read and must not: spelled here on its own."""
    roots = [root / "data_raw/members", root / ".setup", root / "keys", *root.glob("data_clean/*/restricted")]
    paths = [path for each in roots if each.exists() for path in (each, *each.rglob("*"))]
    paths += [path for path in root.rglob("*") if path.suffix in (".log", ".lock") and not path.is_symlink()]
    modes = {path.relative_to(root).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in paths}
    return sorted(name for name, mode in modes.items() if mode not in (0o700, 0o600))


def furnish(root):
    """Make what the commands are given; members' data comes as a program of others left it."""
    (root / "pass.txt").write_text("many words that nobody guesses", encoding="utf-8")
    (root / "cases.csv").write_text(f"{HEADINGS}\n2016,a,Female,18--20,SE,0,1,SE\n", encoding="utf-8")
    (root / "table.csv").write_text("sex,count\nwoman,12\nman,8\ntotal,20\n", encoding="utf-8")
    request = (ROOT / "docs/request_example.toml").read_text(encoding="utf-8")
    (root / "request.toml").write_text(request.replace("2023", "2018"), encoding="utf-8")
    rows = pd.DataFrame({"person_code": ["AB-1", "p2"], "role": ["direkt utsatt"] * 2})
    sent = {"member_id": "M01", "member_name": "M01", "tables": {"case": rows}}
    write_template(root / "sent.xlsx", 2018, "sv", **sent)
    (root / "data_raw").mkdir()
    for name in ("_extensions", "_quarto.yml", "notebooks", "reports", "data_raw/published"):
        (root / name).symlink_to(ROOT / name)


def take_through(root):
    """Run the commands in this process under both umasks; print what each ended with, left open and said."""
    furnish(root)
    found = {}
    for umask in (0o022, 0o077):
        os.umask(umask)
        for words in COMMANDS:
            if umask == 0o077 and words.split()[0] in ONCE:
                continue
            if words == "check":  # what a program of others has written
                shutil.copytree(root / "data_raw/demo", root / "data_raw/members", dirs_exist_ok=True)
                shutil.copy(root / "sent.xlsx", root / "data_raw/members/2018")
                (root / "data_raw/members/2018/sent.xlsx").chmod(0o644)
            status, said = _run(words)
            found[f"{words} {umask:o}"] = (status, stands_open(root), said)
    print(json.dumps(found))


def _run(words):
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said), contextlib.ExitStack() as held:
        if words == "lab":  # which stays open
            held.enter_context(patch("importlib.util.find_spec"))
            held.enter_context(patch("subprocess.call", return_value=0))
        return cli.main(words.split()), said.getvalue()


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights of its own")
def test_nothing_that_is_restricted_stands_open_after_any_command(tmp_path):
    homes = {"PLATFORM_UTILS_HOME": str(tmp_path), "PLATFORM_UTILS_KEYS": str(tmp_path / "keys")}
    done = subprocess.run(
        [sys.executable, __file__], cwd=tmp_path, env=os.environ | homes, capture_output=True, text=True
    )
    assert "" == done.stderr
    found = json.loads(done.stdout)
    expected = {f"{words} 22": status for words, status in COMMANDS.items()}
    expected |= {f"{words} 77": status for words, status in COMMANDS.items() if words.split()[0] not in ONCE}
    assert expected == {words: status for words, (status, _, _) in found.items()}, found
    assert {"check 22", "check 77"} == {words for words, (_, is_open, _) in found.items() if is_open}
    assert all("data_raw/members/2018/sent.xlsx" in found[words][2] for words in ("check 22", "check 77"))


def test_every_command_is_taken_through():
    names = {
        module.name.rstrip("_").replace("_", "-")
        for module in pkgutil.iter_modules(cli.__path__)
        if module.name[0] != "_"
    }
    assert names == {words.split()[0] for words in COMMANDS}


if __name__ == "__main__":
    take_through(Path.cwd())
