"""A release holds what was made for it and nothing that stands beside it; no plain hash of what people gave."""

import json

import pandas as pd
import pytest
import signing

from platform_utils import publish
from platform_utils.paths import Workspace
from platform_utils.protect import Ledger, content_of
from platform_utils.protect.gate import issue_table
from platform_utils.release import Release, freeze_release, open_ledger
from platform_utils.release.contents import collect, public_hashes
from platform_utils.spec.counts import CountTable, Universe
from platform_utils.spec.safe import SafeTable
from platform_utils.verify.rebuild import nodes_of
from platform_utils.workflow import Node
from platform_utils.workflow.state import Now, current_inputs

STRAY_REPORTS = (
    ".~lock.annual-2023.sv.docx#", "~$nual-2023.sv.docx", "annual-2023.sv (copy).docx", "annual-2023.sv.xlsx",
    "annual-2022.sv.docx", ".annual-2023.sv.docx", "rows-2023.sv.pdf",
)  # fmt: skip
STRAY_TABLES = (".~lock.role.parquet#", "role.csv", "~role.parquet", "notes.json")


@pytest.fixture
def place(tmp_path):
    (tmp_path / "_quarto.yml").touch()
    return Workspace(tmp_path)


def write(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(name.encode())


def test_what_stands_beside_reports_and_tables_stays_outside(place, monkeypatch):
    monkeypatch.setattr("platform_utils.release.contents._wheel", lambda _: {})
    monkeypatch.setattr(publish, "read_tables", lambda *_: {})
    write(place.drafts("demo", 2023), ("annual-2023.sv.docx", "annual-2023.en.html", *STRAY_REPORTS))
    tables = place.controlled("demo", 2023) / "tables"
    write(tables, ("role.parquet", "gate.json", "design.json", *STRAY_TABLES))
    found = [name for name in collect(place, "demo", 2023) if name.startswith(("reports/", "tables/"))]
    assert [
        "reports/annual-2023.en.html",
        "reports/annual-2023.sv.docx",
        "tables/2023/design.json",
        "tables/2023/gate.json",
        "tables/2023/role.parquet",
    ] == found


def test_of_other_years_leaves_what_the_documents_show_and_all_that_leaves_is_in_the_ledger(
    place, monkeypatch
):
    monkeypatch.setattr("platform_utils.release.contents._wheel", lambda _: {})
    monkeypatch.setattr("platform_utils.pipeline.check_before_release", lambda *_, **__: None)
    monkeypatch.setattr("platform_utils.pipeline.keep_rows", lambda *_, **__: None)
    for year in (2021, 2022, 2023):
        who = Universe("direct", year, "demo")
        for name, dimension in (("role", "role"), ("sex", "sex")):
            data = pd.DataFrame({dimension: ["a", "b", "total"], "count": [20, year - 2000, year - 1980]})
            safe = issue_table(CountTable(name, who, (dimension,), data), (), "A4")
            safe.write(publish.tables_folder(place, "demo", year) / f"{name}.parquet")
    for year, expected in ((2022, [2021, 2022]), (2023, [2021, 2022, 2023])):
        write(place.drafts("demo", year), (f"annual-{year}.sv.html",))
        files, tables = collect(place, "demo", year), publish.read_released(place, "demo", year)
        for name in ("A. Ett", "B. Två"):
            signing.sign_release(place, name, year, files, tables)
        frozen = freeze_release(place, "demo", year, files, tables, date="2024-08-15")
        assert frozen.id in open_ledger(place, "demo").releases
        known = [entry.content for entry in Ledger(place.ledger("demo")).entries]
        out = sorted((place.releases("demo") / frozen.id / "tables").rglob("*.parquet"))
        assert [*(f"{y}/role" for y in expected), f"{year}/sex"] == [f"{p.parent.name}/{p.stem}" for p in out]
        assert all(content_of(SafeTable.read(path)) in known for path in out)
    assert len(known) == len({json.dumps(each, sort_keys=True) for each in known}), "nothing is entered twice"


def test_a_release_with_odd_names_can_still_be_rebuilt(place):
    release = Release("2023-1", 2023, "demo", "2024-08-15", "0" * 64, ("A", "B"))
    kept = {f"reports/{name}": b"" for name in ("annual-2023.sv.html", *STRAY_REPORTS)}
    names = [node.name for node in nodes_of(place, release, kept, "tables")]
    assert ["admit/published", "words/2023", "document/annual/2023/sv", "render/annual/2023/sv"] == names


def linked(place, name, target):
    target.mkdir(parents=True)
    (place.root / name).parent.mkdir(parents=True, exist_ok=True)
    (place.root / name).symlink_to(target, target_is_directory=True)


@pytest.mark.parametrize("link", ["data_raw", "data_raw/members", "data_raw/members/2023"])
def test_returns_behind_a_link_keep_their_names_and_have_keyed_hashes(place, tmp_path_factory, link):
    linked(place, link, tmp_path_factory.mktemp("volume") / "v")
    for year in (2022, 2023):
        write(place.returns("members", year), ("M01.xlsx", "receipts.toml"))
    node = Node("x", print, {}, data=tuple(place.returns("members", year) for year in (2022, 2023)))
    inputs = current_inputs(node, Now(place), {})
    shown = public_hashes(place, "members", inputs)
    expected = {f"data:data_raw/members/{y}/{n}" for y in (2022, 2023) for n in ("M01.xlsx", "receipts.toml")}
    assert expected == {name for name in inputs if name.startswith("data:")}
    assert all(shown[name].startswith("keyed:") for name in expected)


def test_a_hash_is_plain_only_where_we_know_that_no_rows_stand():
    plain = {
        "code:platform_utils.clean", "document:reports/sv/annual.qmd", "package:pandas", "parameter:lang",
        "data:data_raw/published/published_figures.csv", "data:_extensions/platform/fonts/a.ttf", "data:_quarto.yml",
        "data:releases/members/ledger.jsonl", "data_clean/members/controlled/2023/facts.json",
    }  # fmt: skip
    keyed = {
        "data:data_raw/members/2023/M01.xlsx", "data:M01.xlsx", "data:elsewhere/M01.xlsx", "node:clean/2023",
        "data_clean/members/restricted/2023/clean__case.parquet", "clean__case.parquet",
        "data:data_raw/external/x/2023/a.csv", "data:data_clean/a.parquet",
    }  # fmt: skip
    shown = public_hashes(Workspace.find(), "demo", dict.fromkeys(plain | keyed, "0" * 64))
    assert plain == {name for name, value in shown.items() if not value.startswith("keyed:")}
    assert plain | keyed == shown.keys()
