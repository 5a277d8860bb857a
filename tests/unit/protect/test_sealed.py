"""Twelve ways around a SafeTable, and the gate's record of its files."""

import copy
import dataclasses
import json
import pickle
import shutil
import types

import pandas as pd
import pyarrow.parquet as pq
import pytest
from counts import DIRECT, table

from platform_utils.errors import DisclosureError, FileError
from platform_utils.protect import load_rule, protect_estimate, protect_tables
from platform_utils.spec.estimate import SafeEstimate
from platform_utils.spec.safe import SafeContent, SafeTable


@pytest.fixture
def safe():
    counts = {"woman": 180, "man": 50, "other": 2, "unknown": 5, "total": 237}
    return protect_tables([table(counts, "sex", name="sex")], load_rule())[0]


def forged(content):
    """An object of the right class with content that no gate sealed."""
    made = object.__new__(SafeTable)
    object.__setattr__(made, "_content", content)
    object.__setattr__(made, "_seal", b"0" * 32)
    return made


def changed(safe):
    """The content of a safe table with its hidden counts filled in."""
    content = object.__getattribute__(safe, "_content")
    return content._replace(counts=(180, 50, 2, 5, 237), hidden=())


def swapped(safe):
    object.__setattr__(safe, "_content", changed(safe))
    return safe


def stolen(safe):
    """New content under the seal of a table that the gate made."""
    made = object.__new__(SafeTable)
    object.__setattr__(made, "_content", changed(safe))
    object.__setattr__(made, "_seal", object.__getattribute__(safe, "_seal"))
    return made


WAYS = {
    "constructor": lambda safe: SafeTable(safe.name, safe.universe, ("sex",), safe.data, "A4"),
    "empty": lambda safe: SafeTable(),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": pickle.dumps,
    "pickle_2": lambda safe: pickle.dumps(safe, protocol=2),
    "replace": lambda safe: safe.__replace__(counts=(1,)),
    "dataclasses_replace": lambda safe: dataclasses.replace(safe, name="x"),
    "object_new": lambda safe: object.__new__(SafeTable).data,
    "forged": lambda safe: forged(changed(safe)).data,
    "stolen_seal": lambda safe: stolen(safe).data,
    "swapped_content": lambda safe: swapped(safe).count(sex="other"),
    "subclass": lambda safe: type("Mine", (SafeTable,), {}),
    "class_of_the_same_name": lambda safe: types.new_class("SafeTable", (SafeTable,)),
    "setattr": lambda safe: setattr(safe, "_content", changed(safe)),
    "delattr": lambda safe: delattr(safe, "_seal"),
    "foreign_content": lambda safe: forged(types.SimpleNamespace(canonical=str)).name,
    "estimate_constructor": lambda safe: SafeEstimate("d", DIRECT, "difference", (), 3, "A4", "", ""),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_around_is_refused(way, safe):
    with pytest.raises((DisclosureError, TypeError)) as caught:
        WAYS[way](safe)
    assert way == "dataclasses_replace" or caught.value.code in ("E-410", "E-413")


def test_the_frame_is_a_copy(safe):
    frame = safe.data
    frame.loc[2, "count"] = 2
    assert safe.count(sex="other") is None
    safe.hidden["small"] = 0
    assert 1 == safe.hidden["small"]


def test_hidden_counts_are_nowhere_in_the_object(safe):
    assert "2, " not in repr(object.__getattribute__(safe, "_content").counts)
    assert (180, 50, None, None, 237) == object.__getattribute__(safe, "_content").counts


def test_what_is_written_is_read_back_and_the_bytes_are_the_same(safe, tmp_path):
    safe.write(tmp_path / "a" / "sex.parquet")
    safe.write(tmp_path / "b" / "sex.parquet")
    assert safe == SafeTable.read(tmp_path / "a" / "sex.parquet")
    for name in ("sex.parquet", "gate.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def edit_bytes(path):
    raw = bytearray(path.read_bytes())
    raw[60] ^= 1
    path.write_bytes(raw)


def edit_values(path):
    frame = pd.read_parquet(path)
    frame.loc[2, "count"] = 2
    frame.to_parquet(path)


def fill_in(path):
    """Write the table again with its hidden counts filled in, metadata and all."""
    data = pq.read_table(path)
    said = json.loads(data.schema.metadata[b"platform_utils"])
    said["content"]["counts"] = [180, 50, 2, 5, 237]
    pq.write_table(data.replace_schema_metadata({b"platform_utils": json.dumps(said).encode()}), path)


@pytest.mark.parametrize("edit", [edit_bytes, edit_values, fill_in])
def test_an_edited_file_is_not_read(edit, safe, tmp_path):
    path = tmp_path / "sex.parquet"
    safe.write(path)
    edit(path)
    with pytest.raises(DisclosureError) as caught:
        SafeTable.read(path)
    assert "E-411" == caught.value.code


def test_a_file_of_another_name_or_kind_or_without_record_is_not_read(safe, tmp_path):
    path = tmp_path / "sex.parquet"
    safe.write(path)
    shutil.copy(path, tmp_path / "other.parquet")
    with pytest.raises(DisclosureError, match="E-411"):
        SafeTable.read(tmp_path / "other.parquet")
    with pytest.raises(DisclosureError, match="E-411"):
        SafeEstimate.read(path)
    (tmp_path / "gate.json").write_text("{}", encoding="utf-8")
    with pytest.raises(DisclosureError, match="E-412"):
        SafeTable.read(path)
    (tmp_path / "gate.json").unlink()
    with pytest.raises(DisclosureError, match="E-412"):
        SafeTable.read(path)
    with pytest.raises(FileError, match="E-420"):
        SafeTable.read(tmp_path / "gone.parquet")


def test_an_estimate_is_written_and_read_back(tmp_path):
    values = {"estimate": 0.241, "lower": -0.02, "upper": 0.48}
    made = protect_estimate("d", DIRECT, "difference", values, [20, 40, 12, 48], load_rule())
    made.write(tmp_path / "d.parquet")
    read = SafeEstimate.read(tmp_path / "d.parquet")
    assert made == read
    assert {"estimate": 24, "lower": -2, "upper": 48} == read.values
    with pytest.raises(DisclosureError):
        copy.copy(made)


def test_content_is_only_sealed_by_the_gate():
    import ast
    from pathlib import Path

    import platform_utils

    root = Path(platform_utils.__file__).parent
    callers = set()
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "seal_up":
                callers.add(path.relative_to(root).as_posix())
    assert {"protect/issue.py", "protect/estimates.py", "spec/safe.py", "spec/estimate.py"} == callers
    assert SafeContent.__module__ == "platform_utils.spec.safe"
