"""A node runs again when, and only when, something that it reaches has changed."""

from dataclasses import replace

import pytest

from platform_utils.errors import FileError
from platform_utils.paths import Workspace
from platform_utils.workflow import Node, read_manifest, run_nodes, what_changed
from platform_utils.workflow.state import manifest_path


@pytest.fixture
def place(tmp_path):
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("1")
    (tmp_path / "in" / "b.txt").write_text("10")
    return Workspace(tmp_path)


def nodes(place):
    out = place.root / "out"
    return [
        Node("clean/1", print, {"name": "a"}, data=(place.root / "in" / "a.txt",), outputs=((out, "a.txt"),)),
        Node("clean/2", print, {"name": "b"}, data=(place.root / "in" / "b.txt",), outputs=((out, "b.txt"),)),
        Node("count/2", print, {"name": "sum"}, needs=("clean/1", "clean/2"), outputs=((out, "sum.txt"),)),
    ]


def perform(node, place):
    out = place.root / "out"
    out.mkdir(exist_ok=True)
    name = node.arguments["name"]
    if name == "sum":
        text = str(int((out / "a.txt").read_text()) + int((out / "b.txt").read_text()))
    else:
        text = str(int((place.root / "in" / f"{name}.txt").read_text()) // 10)
    (out / f"{name}.txt").write_text(text)


def run(place, **options):
    return run_nodes(
        nodes(place), place, "demo", workers=2, perform=options.pop("perform", perform), **options
    )


def test_everything_runs_once_and_then_nothing(place):
    assert ["clean/1", "clean/2", "count/2"] == sorted(run(place).ran)
    again = run(place)
    assert [] == again.ran
    assert ["clean/1", "clean/2", "count/2"] == sorted(again.kept)
    assert [] == what_changed(nodes(place), place, "demo")


def test_a_changed_input_reaches_what_needs_it_and_nothing_else(place):
    run(place)
    (place.root / "in" / "b.txt").write_text("50")
    reasons = what_changed(nodes(place), place, "demo")
    assert [("clean/2", "input", "data:in/b.txt"), ("count/2", "upstream", "clean/2")] == [
        (r.node, r.kind, r.what) for r in reasons
    ]
    assert ["clean/2", "count/2"] == sorted(run(place).ran)
    assert "5" == (place.root / "out" / "sum.txt").read_text()


def test_a_change_that_changes_no_output_stops_there(place):
    run(place)
    (place.root / "in" / "b.txt").write_text("11")
    assert ["clean/2"] == run(place).ran


def test_an_edited_or_torn_output_is_made_again(place):
    run(place)
    (place.root / "out" / "sum.txt").write_text("7")
    assert ["output"] == [r.kind for r in what_changed(nodes(place), place, "demo")]
    assert ["count/2"] == run(place).ran
    (place.root / "out" / "a.txt").unlink()
    assert ["clean/1"] == run(place).ran


def test_a_new_parameter_reruns(place):
    run(place)
    changed = [
        replace(n, arguments={**n.arguments, "extra": 1}) if n.name == "count/2" else n for n in nodes(place)
    ]
    assert ["count/2"] == run_nodes(changed, place, "demo", workers=1, perform=perform).ran


def test_a_failure_skips_what_needs_it_and_the_rest_goes_on(place):
    def fail(node, where):
        if node.name == "clean/1":
            raise FileError("E-012", file="x")
        perform(node, where)

    outcome = run(place, perform=fail)
    assert ["clean/2"] == outcome.ran
    assert ["count/2"] == outcome.skipped
    assert {"clean/1": "E-012"} == {name: error.code for name, error in outcome.failed.items()}
    assert read_manifest(manifest_path(place, "demo", "clean/1")) is None
    assert ["clean/1", "count/2"] == sorted(run(place).ran)


def test_a_broken_manifest_counts_as_none(place):
    run(place)
    manifest_path(place, "demo", "clean/1").write_text("{")
    assert ["clean/1"] == run(place).ran


@pytest.mark.parametrize(
    "text",
    [
        "[]", "5", "null", '{"node": "clean/1"}', '{"node": "clean/1", "inputs": [], "outputs": {}}',
        '{"node": "clean/1", "inputs": {}, "outputs": null}', '{"node": 1, "inputs": {}, "outputs": {}}',
        '{"node": "clean/1", "inputs": {"a": 1}, "outputs": {}}', "\xff", "[" * 100_000,
    ],
)  # fmt: skip
def test_a_manifest_that_is_not_one_counts_as_none(place, text):
    run(place)
    manifest_path(place, "demo", "clean/1").write_text(text, encoding="latin-1")
    assert [("clean/1", "new")] == [(r.node, r.kind) for r in what_changed(nodes(place), place, "demo")][:1]
    again = run(place)
    assert (["clean/1"], {}) == (again.ran, again.failed)


def test_a_folder_in_the_place_of_a_manifest_is_replaced(place):
    run(place)
    path = manifest_path(place, "demo", "clean/1")
    path.unlink()
    (path / "inner").mkdir(parents=True)
    assert ["clean/1"] == run(place).ran
    assert path.is_file()
