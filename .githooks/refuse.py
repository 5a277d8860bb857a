"""Refuse a commit that holds what must never be in git; standard library only."""

import json
import re
import subprocess
import sys

ALLOWED = ("tests/", "src/platform_utils/resources/", "data_raw/published/")
TABLES = (".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".parquet")
NEVER = ("data_raw/members/", "data_raw/demo/", "data_raw/external/", "data_clean/", "workspace.toml")
PERSON_NUMBER = re.compile(
    rb"(?<![\d.])(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]|[6-8]\d|9[01])[-+]\d{4}(?!\d)"
)
LARGEST = 500_000
EXEMPT = ("requirements.lock", "requirements-lab.lock")


def reasons(name, content):
    """Yield why a file may not be committed."""
    if name.startswith(NEVER):
        yield "stands in a folder that is never committed"
    if name.endswith(TABLES) and not name.startswith(ALLOWED):
        yield "is a table outside tests, resources and data_raw/published"
    if len(content) > LARGEST and name not in EXEMPT and not name.startswith("reports/_assets/fonts/"):
        yield "is larger than 500 kB"
    if not name.startswith("tests/") and PERSON_NUMBER.search(content):
        yield "holds what looks like a personal number"
    if name.endswith(".ipynb") and runs_on_members(content):
        yield "is a notebook with outputs that was not run on demo data"


def runs_on_members(content):
    """Say whether a notebook has outputs and its parameters do not say demo or published."""
    try:
        cells = json.loads(content)["cells"]
    except (ValueError, KeyError):
        return True
    if not any(cell.get("outputs") for cell in cells):
        return False
    sources = [
        found.group(1)
        for cell in cells
        if {"parameters", "injected-parameters"} & set(cell.get("metadata", {}).get("tags", []))
        for found in re.finditer(r"^source\s*=\s*[\"']([\w-]+)[\"']", "".join(cell["source"]), re.MULTILINE)
    ]
    return not sources or sources[-1] not in ("demo", "published")


def main():
    """Look at every staged file."""
    listed = subprocess.run(
        ["git", "diff", "--cached", "--name-only", "--diff-filter=ACMR", "-z"],
        capture_output=True,
        check=True,
    ).stdout.decode("utf-8", "surrogateescape")
    refused = 0
    for name in filter(None, listed.split("\0")):
        content = subprocess.run(["git", "show", f":{name}"], capture_output=True, check=False).stdout
        for reason in reasons(name, content):
            print(f"refused: {name} {reason}", file=sys.stderr)
            refused = 1
    return refused


if __name__ == "__main__":
    sys.exit(main())
