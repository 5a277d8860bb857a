"""A folder goes out with its ledger entry: both or neither, wherever a run is ended."""

import pytest

from platform_utils.errors import DisclosureError, FileError
from platform_utils.release.outgoing import finish_broken_off, let_out

FILES = {"SHA256SUMS": b"sums\n", "reports/annual.html": b"<p>520</p>"}


class KilledError(BaseException):
    """Ends a run as a signal does: nothing of ours catches it."""


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def kill():
    raise KilledError


def test_what_is_entered_stands_whole_and_cannot_be_written_again(tmp_path):
    entered = []
    let_out(tmp_path / "2023-1", FILES, lambda: entered.append(sorted(tmp_path.iterdir())))
    assert [[tmp_path / ".outgoing-2023-1"]] == entered
    assert FILES == files(tmp_path / "2023-1")
    assert {0o444} == {p.stat().st_mode & 0o777 for p in (tmp_path / "2023-1").rglob("*") if p.is_file()}


def test_what_the_ledger_refuses_leaves_nothing(tmp_path):
    def refuse():
        raise DisclosureError("E-437", release="2023-1", earlier="2023-1")

    with pytest.raises(DisclosureError, match="E-437"):
        let_out(tmp_path / "2023-1", FILES, refuse)
    assert [] == list(tmp_path.iterdir())


def test_killed_before_the_entry_nothing_goes_out(tmp_path):
    with pytest.raises(KilledError):
        let_out(tmp_path / "2023-1", FILES, kill)
    assert [] == finish_broken_off(tmp_path, lambda _: False)
    assert [] == list(tmp_path.iterdir())


def test_killed_after_the_entry_the_next_run_finishes(tmp_path):
    with pytest.raises(KilledError):
        let_out(tmp_path / "2023-1", FILES, kill)
    assert [tmp_path / "2023-1"] == finish_broken_off(tmp_path, {"2023-1"}.__contains__)
    assert FILES == files(tmp_path / "2023-1")
    assert [] == finish_broken_off(tmp_path, {"2023-1"}.__contains__)


def test_what_is_out_is_never_replaced(tmp_path):
    let_out(tmp_path / "2023-1", FILES, lambda: None)
    with pytest.raises(FileError, match="E-012"):
        let_out(tmp_path / "2023-1", {"reports/annual.html": b"other"}, lambda: None)
    assert FILES == files(tmp_path / "2023-1")
