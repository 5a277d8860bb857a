"""What is restricted is closed to all but its owner, whatever the umask."""

import os

import pytest

from platform_utils.lock import close_restricted, one_writer, stands_open
from platform_utils.paths import (
    Workspace,
    folder_for_a_while,
    replace_folder,
    write_atomically,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows keeps rights of its own")


@pytest.fixture(params=[0o000, 0o022, 0o077])
def workspace(tmp_path, request):
    before = os.umask(request.param)
    (tmp_path / "_quarto.yml").touch()
    yield Workspace(tmp_path)
    os.umask(before)


def mode(path):
    return path.stat().st_mode & 0o777


def test_what_is_written_is_closed_from_its_first_moment(workspace):
    for path in (workspace.members("members", 2024), workspace.restricted("demo", "logs") / "bug.txt"):
        with write_atomically(path) as partial:
            partial.write_text("x", encoding="utf-8")
        assert (0o600, 0o700) == (mode(path), mode(path.parent))
    with write_atomically(workspace.controlled("demo", 2024) / "facts.json") as partial:
        partial.write_text("{}", encoding="utf-8")
    assert 0o644 == mode(workspace.controlled("demo", 2024) / "facts.json")
    with replace_folder(workspace.restricted("members", 2024)) as folder:
        (folder / "rows.parquet").touch()
    with folder_for_a_while(workspace.restricted("members", 2024)) as folder:
        assert 0o700 == mode(folder)
    assert 0o700 == mode(workspace.restricted("members", 2024))


def test_what_other_programs_left_open_is_named_and_closed_by_the_next_writer(workspace):
    rows = workspace.restricted("members", 2024) / "rows" / "case.parquet"
    rows.parent.mkdir(parents=True)
    rows.touch()
    for path in (rows, rows.parent):
        path.chmod(0o755)
    assert {
        "data_clean/members/restricted/2024/rows",
        "data_clean/members/restricted/2024/rows/case.parquet",
    } <= set(stands_open(workspace))
    with one_writer(workspace):
        assert () == stands_open(workspace)
    assert (0o600, 0o700) == (mode(rows), mode(rows.parent))
    assert 0o600 == mode(workspace.desk / "writer.lock")


def test_check_names_what_stands_open_and_other_commands_close_it(workspace, monkeypatch, capsys):
    from platform_utils.cli import main

    monkeypatch.setenv("PLATFORM_UTILS_HOME", str(workspace.root))
    path = workspace.members("members", 2024)
    path.parent.mkdir(parents=True)
    path.touch()
    path.chmod(0o644)
    assert 11 == main(["check", "--lang", "en"])
    assert "E-013 data_raw/members/2024/members.toml can be read by others" in capsys.readouterr().err
    main(["receive", "--missing", "--year", "2024", "--source", "members"])
    assert 0 == main(["check", "--lang", "en"])
    close_restricted(workspace)
    assert () == stands_open(workspace)
