"""What is promised of a safe table: it does not change, and its file is read only as the gate wrote it.

Where the boundary is: the gate's record on disk (here), the convention test that no other source makes one
(``conventions/test_gate_only.py``), and the attack on every set before it is issued. Code that runs in the
same process is no boundary: whatever it holds, it could have made itself.
"""

import json
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest
from counts import DIRECT, protect_tables, shown, table

from platform_utils.errors import DisclosureError, FileError
from platform_utils.protect import load_rule, protect_estimate
from platform_utils.spec.counts import Estimated
from platform_utils.spec.safe import SafeEstimate, SafeTable


@pytest.fixture
def safe():
    counts = {"woman": 180, "man": 50, "other": 2, "unknown": 5, "total": 237}
    return protect_tables([table(counts, "sex", name="sex")], load_rule())[0]


@pytest.mark.parametrize("field", ["counts", "data", "n_hidden"])
def test_a_safe_table_does_not_change(field, safe):
    with pytest.raises(AttributeError):
        setattr(safe, field, ())
    with pytest.raises(AttributeError):
        del safe.counts


def test_the_frame_is_a_copy(safe):
    frame = safe.data
    frame.loc[2, "count"] = 2
    assert safe.count(sex="other") is None
    assert [180, 50, None, None, 237] == shown(safe)


def test_hidden_counts_are_nowhere_in_the_object(safe):
    assert (180, 50, None, None, 237) == safe.counts
    assert "2," not in repr(safe.counts)
    assert "SafeTable" in repr(safe)


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
    made = protect_estimate(Estimated("d", "difference", values, [20, 40, 12, 48]), DIRECT, load_rule())
    made.write(tmp_path / "d.parquet")
    read = SafeEstimate.read(tmp_path / "d.parquet")
    assert made == read
    assert {"estimate": 24, "lower": -2, "upper": 48} == read.values
    with pytest.raises(AttributeError):
        made.number = 2
