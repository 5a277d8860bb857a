"""Which inputs have moved since a release: by name, restricted ones through their keyed hashes."""

import json
import shutil
from pathlib import Path

import pytest
import signing

from platform_utils.errors import FileError, NotReproducible
from platform_utils.paths import Workspace
from platform_utils.release import find_release, freeze_release
from platform_utils.release.contents import public_hashes
from platform_utils.verify import inputs_since
from platform_utils.workflow import annual_nodes
from platform_utils.workflow.state import Now, current_inputs

ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(tmp_path):
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    (tmp_path / "_quarto.yml").touch()
    workspace = Workspace(tmp_path)
    workspace.returns("demo", 2023).mkdir(parents=True)
    (workspace.returns("demo", 2023) / "a.csv").write_text("1")
    return workspace


@pytest.fixture
def release(place):
    now = Now(place)
    files = {"tables/2023/role.parquet": b"x", "reports/annual-2023.sv.html": b"<p>1</p>"}
    for node in annual_nodes(place, "demo", (2023,), "en"):
        inputs = public_hashes(place, "demo", current_inputs(node, now, {}))
        files[f"manifests/{node.name}.json"] = json.dumps({"inputs": inputs, "outputs": {}}).encode()
    for name in ("A. Ett", "B. Två"):
        signing.sign_release(place, name, 2023, files)
    freeze_release(place, "demo", 2023, files, (), date="2024-08-15")
    return find_release(place, "demo")


def test_nothing_has_moved_at_first(place, release):
    assert () == inputs_since(place, release)


def test_a_changed_a_new_and_a_vanished_input_are_named(place, release):
    (place.returns("demo", 2023) / "a.csv").unlink()
    (place.returns("demo", 2023) / "b.csv").write_text("1")
    path = place.notebooks / "10_clean_member_statistics.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("year = 2023", "year = 2024"), encoding="utf-8")
    expected = (
        "data:data_raw/demo/2023/a.csv",
        "data:data_raw/demo/2023/b.csv",
        "document:notebooks/10_clean_member_statistics.ipynb",
    )
    assert expected == inputs_since(place, release)


def test_the_hash_of_what_people_gave_us_is_not_shown_plain(release):
    shown = json.loads((release / "manifests" / "clean" / "2023.json").read_text())["inputs"]
    assert shown["data:data_raw/demo/2023/a.csv"].startswith("keyed:")


def test_a_release_that_is_not_there_is_refused_with_those_that_are(place, release):
    with pytest.raises(FileError, match=r"E-810.*2023-1"):
        find_release(place, "demo", "2023-9")


def test_a_release_that_was_changed_is_refused(place, release):
    path = release / "reports" / "annual-2023.sv.html"
    path.chmod(0o644)
    path.write_text("<p>2</p>")
    with pytest.raises(NotReproducible, match="E-808"):
        inputs_since(place, release)
