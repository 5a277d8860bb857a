"""A value planted in every field of a return appears in nothing that leaves the restricted folder."""

import io
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pytest

from platform_utils import form, pipeline, returns, validate
from platform_utils.cli import main
from platform_utils.paths import Workspace
from platform_utils.spec import codebook
from platform_utils.spec.reports import Period
from platform_utils.workflow.actions import execute_report, render_report

ROOT = Path(__file__).parents[2]
CANARY = "zq-73"  # short enough to be a code, and odd enough to stand nowhere by chance
YEAR = 2024
ROWS = 12


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A workspace with one return: good rows whose person code is a canary, then one row of canaries."""
    workspace = Workspace(tmp_path_factory.mktemp("canary"))
    for name in ("_extensions", "reports", "notebooks"):
        (workspace.root / name).symlink_to(ROOT / name, target_is_directory=True)
    (workspace.root / "_quarto.yml").write_text(
        (ROOT / "_quarto.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    workspace.data_raw("demo").mkdir(parents=True)
    workspace.published.symlink_to(ROOT / "data_raw" / "published", target_is_directory=True)
    members = workspace.returns("demo", YEAR) / "members.toml"
    members.parent.mkdir()
    members.write_text(
        '[[member]]\nid = "M01"\nname = "Demo (påhittad)"\nmembership_form = "full"\ncounty = "12"\n',
        encoding="utf-8",
    )
    columns = list(codebook.load().grain_columns("case", YEAR))
    good = {"role": "direkt utsatt", "sex": "kvinna", "age_band": "27–35 år", "police_report": "nej"}
    rows = [{"person_code": f"{CANARY}{number:02d}".upper(), **good} for number in range(ROWS)]
    rows.append(dict.fromkeys(columns, CANARY) | {"person_code": f"{CANARY}99".upper()})
    table = pd.DataFrame(rows).reindex(columns=columns).fillna("")
    file = tmp_path_factory.mktemp("sent") / "svar.xlsx"
    form.write_template(file, YEAR, "sv", member_id="M01", member_name="Demo", tables={"case": table})
    returns.receive([file], workspace=workspace, source="demo", year=YEAR, date="2025-02-01")
    return workspace, file


@pytest.fixture(scope="module")
def made(place):
    workspace, _ = place
    cleaned = pipeline.clean(YEAR, "demo", workspace=workspace)
    pipeline.count_and_protect(YEAR, "demo", workspace=workspace)
    pipeline.admit_published(workspace=workspace)
    execute_report("annual", Period.of(YEAR), "demo", "sv", workspace=workspace)
    render_report(
        "annual", Period.of(YEAR), "demo", "sv", ("html", "pdf", "docx"), "embedded", workspace=workspace
    )
    return cleaned


def texts(path):
    """Every text that a file holds, unpacked: members of archives, streams of a PDF, chunks of pictures."""
    content = path.read_bytes()
    yield content
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield archive.read(name)
    if content.startswith(b"%PDF"):
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
            try:
                yield zlib.decompress(stream)
            except zlib.error:
                yield stream


def holding(paths):
    wanted = CANARY.encode()
    return [
        p.name for p in paths if wanted in p.name.encode() or any(wanted in text.lower() for text in texts(p))
    ]


def test_the_canary_was_read_and_its_row_of_nonsense_held(made):
    assert ROWS == len(made.case)
    assert made.case["person_code"].str.lower().str.contains(CANARY).all()
    assert 1 == sum(entry.rows for entry in made.ledger if entry.reason == "held")


def test_nothing_outside_the_restricted_folder_holds_it(place, made):
    workspace, _ = place
    files = [p for p in workspace.data_clean("demo").rglob("*") if p.is_file()]
    outside = [p for p in files if "restricted" not in p.relative_to(workspace.root).parts]
    kinds = {p.suffix for p in outside}
    assert {".parquet", ".json", ".html", ".pdf", ".docx"} <= kinds
    assert [] == holding(outside)


def test_an_executed_report_does_not_hold_it(place, made):
    workspace, _ = place
    executed = sorted((workspace.restricted("demo", YEAR) / "notebooks").glob("*.ipynb"))
    assert executed
    assert [] == holding(executed)


def test_findings_in_words_do_not_hold_it(made):
    said = [
        line
        for found in made.findings
        for lang in ("sv", "en")
        for line in (found.file, found.sheet, found.column, *validate.describe(found, lang).lines(lang))
    ]
    assert said
    assert [] == [text for text in said if CANARY in text.lower()]


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_check_command_and_its_receipt_do_not_hold_it(place, lang, capsys):
    _, file = place
    status = main(["check", str(file), "--lang", lang])
    said = capsys.readouterr()
    assert 12 == status
    assert CANARY not in (said.out + said.err).lower()
    receipts = [p for p in file.parent.iterdir() if p != file]
    assert receipts
    assert [] == holding(receipts)


def test_a_fault_of_the_program_leaves_one_calm_line_without_it(place):
    workspace, file = place
    probe = (
        "import sys; from platform_utils import validate; from platform_utils.cli import main\n"
        f"def fail(*a, **k): raise RuntimeError('{CANARY}')\n"
        "validate.check_return = fail\n"
        f"sys.exit(main(['check', {str(file)!r}, '--lang', 'en']))"
    )
    environment = {"PLATFORM_UTILS_HOME": str(workspace.root), "PATH": "", "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, env=environment)
    assert 1 == done.returncode
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("E-020 ")
    assert CANARY not in (done.stdout + done.stderr).lower()
