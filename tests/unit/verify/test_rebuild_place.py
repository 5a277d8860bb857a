"""What a rebuild works on: where the copies of returns stand, and which returns it needs."""

import importlib
import json

import pytest

from platform_utils.errors import FileError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace
from platform_utils.release import Release
from platform_utils.verify.rebuild import nodes_of, rebuild

RELEASE = Release("2023-1", 2023, "members", "2024-08-15", "0" * 64, ("A", "B"))
KEPT = {
    "manifests/count/2023.json": json.dumps(
        {"inputs": {"node:clean/2022": "a", "node:clean/2023": "b"}}
    ).encode(),
    "reports/annual-2023.sv.html": b"",
    "tables/2021/role.parquet": b"2021",
    "tables/2022/role.parquet": b"2022",
    "tables/2023/role.parquet": b"2023",
}


@pytest.fixture
def place(tmp_path):
    (tmp_path / "_quarto.yml").touch()
    workspace = Workspace(tmp_path)
    for year in (2020, 2022, 2023):
        workspace.returns("members", year).mkdir(parents=True)
        receipt = '[[receipt]]\nfile = "M01.csv"\nstatus = "current"\n[[receipt]]\nfile = "M00.csv"\nstatus = "replaced"\n'
        (workspace.returns("members", year) / "receipts.toml").write_text(receipt)
        (workspace.returns("members", year) / "M01.csv").write_text("1")
    return workspace


@pytest.fixture
def seen(place, monkeypatch):
    """What stands in the empty folder when the nodes are to run."""
    found = {}

    def look(nodes, empty, *_, **__):
        found["folder"] = empty.root
        found["nodes"] = [node.name for node in nodes if node.name.startswith(("clean", "count"))]
        found["files"] = {p.relative_to(empty.root).as_posix() for p in empty.root.rglob("*") if p.is_file()}
        with pytest.raises(FileError, match="E-011"), one_writer(place):
            pass
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module("platform_utils.verify.rebuild"), "run_nodes", look)
    return found


def look_at(place, seen):
    with pytest.raises(KeyboardInterrupt):
        rebuild(place, RELEASE, KEPT, workers=1)
    return {name for name in seen["files"] if name.endswith((".csv", ".parquet"))}


def test_copies_of_returns_stand_where_the_next_writer_removes_them(place, seen):
    look_at(place, seen)
    assert place.restricted("members", 2023) == seen["folder"].parent
    assert seen["folder"].name.startswith(".partial-")
    assert not seen["folder"].exists()
    (seen["folder"] / "data_raw").mkdir(parents=True)
    with one_writer(place):
        assert not seen["folder"].exists()


def test_with_every_year_that_was_read_it_begins_with_these_rows(place, seen):
    expected = {
        "data_raw/members/2022/M01.csv",
        "data_raw/members/2023/M01.csv",
        "data_clean/members/controlled/2021/tables/role.parquet",
    }
    assert expected == look_at(place, seen)
    assert ["clean/2022", "clean/2023", "count/2022", "count/2023"] == seen["nodes"]


@pytest.mark.parametrize("gone", ["2022/receipts.toml", "2022/M01.csv", "2023/M01.csv"])
def test_with_some_of_the_returns_gone_it_begins_with_the_tables(place, seen, gone):
    (place.data_raw("members") / gone).unlink()
    expected = {f"data_clean/members/controlled/{year}/tables/role.parquet" for year in (2021, 2022, 2023)}
    assert expected == look_at(place, seen)
    assert [] == seen["nodes"]


@pytest.mark.parametrize(("beside", "cleaned"), [(True, ["clean/2022"]), (False, [])])
def test_a_release_without_manifests_counts_its_own_year_beside_the_one_before(place, beside, cleaned):
    if not beside:
        (place.data_raw("members") / "2022/receipts.toml").unlink()
    names = [node.name for node in nodes_of(place, RELEASE, {"reports/annual-2023.sv.html": b""}, "rows")]
    made = [name for name in names if name.startswith(("clean", "count"))]
    assert [*cleaned, "clean/2023", "count/2023"] == made
