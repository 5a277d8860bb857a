"""One writer at a time, who first removes what a killed one has left."""

import pytest

from platform_utils.errors import FileError
from platform_utils.lock import one_writer
from platform_utils.paths import Workspace, replace_folder, write_atomically


def test_a_second_writer_is_refused_until_the_first_has_ended(tmp_path):
    workspace = Workspace(tmp_path)
    with one_writer(workspace), pytest.raises(FileError, match="E-011"), one_writer(workspace):
        pass
    with one_writer(workspace):
        pass


def test_what_a_killed_writer_left_is_removed_and_nothing_else(tmp_path):
    whole = tmp_path / "data_clean" / "demo" / "controlled" / "2018" / "facts.json"
    with write_atomically(whole) as partial:
        partial.write_text("{}", encoding="utf-8")
    file = whole.parent / f"{partial.name}x"
    file.write_text("half", encoding="utf-8")
    with replace_folder(whole.parent / "tables") as partial:
        (partial / "sex.parquet").write_text("whole", encoding="utf-8")
    folder = whole.parent / f"{partial.name}x"
    folder.mkdir()
    (folder / "sex.parquet").write_text("half", encoding="utf-8")

    with one_writer(Workspace(tmp_path)):
        left = sorted(
            path.relative_to(whole.parent).as_posix()
            for path in (tmp_path / "data_clean").rglob("*")
            if path.is_file()
        )

    assert ["facts.json", "tables/sex.parquet"] == left


def test_what_a_killed_writer_left_behind_a_link_is_removed_too(tmp_path, tmp_path_factory):
    volume = tmp_path_factory.mktemp("volume")
    left = volume / "restricted" / "2023" / ".partial-abc" / "data_raw"
    left.mkdir(parents=True)
    (left / "M01.xlsx").write_text("a return", encoding="utf-8")
    (volume / "restricted" / "around").symlink_to(volume, target_is_directory=True)
    (tmp_path / "data_clean").mkdir()
    (tmp_path / "data_clean" / "members").symlink_to(volume, target_is_directory=True)

    with one_writer(Workspace(tmp_path)):
        assert [] == list((volume / "restricted" / "2023").iterdir())
