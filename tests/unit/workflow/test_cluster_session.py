"""Nodes on workers: the same files as here, lost work done again, what is wrong or not allowed refused."""

import hashlib
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from platform_utils.config import load_settings
from platform_utils.errors import FileError, PlatformError, SettingsError, UsageError
from platform_utils.paths import Workspace, write_atomically
from platform_utils.workflow import Node, annual_nodes, report_nodes, run_nodes
from platform_utils.workflow.cluster import Session, on_cluster, session, worker
from platform_utils.workflow.cluster.link import Seat, WorkerLostError
from platform_utils.workflow.cluster.parcel import Reply
from platform_utils.workflow.cluster.trust import is_confidential, may_hold

ONE, TWO = "tcp://127.0.0.1:1", "tcp://127.0.0.1:2"
FAR = "tls://10.0.0.7:9000"


class Line:
    """Workers in this process, each with a folder of its own; ``spoil`` changes what one returns."""

    def __init__(self, folder, addresses=(ONE, TWO), spoil=None, introductions=None):
        self.seats = {name: Seat(1, str(folder / name.rpartition(":")[2])) for name in addresses}
        for seat in self.seats.values():
            Path(seat.folder).mkdir(parents=True)
        self.spoil = spoil or {}
        self.introductions = introductions or {}
        self.calls = []

    def workers(self):
        return dict(self.seats)

    def ask(self, address, function, *arguments):
        self.calls.append((address, function.__name__, arguments))
        if function is worker.introduce and address in self.introductions:
            return self.introductions[address]
        return function(*arguments)

    def work(self, address, name, function, *arguments):
        self.calls.append((address, function.__name__, arguments))
        reply = function(*arguments)
        return self.spoil[address](self, address, reply) if address in self.spoil else reply

    def give_up(self):
        self.seats = {}

    def close(self):
        self.seats = {}

    def sent(self):
        """Every content that left this desk, kept by a worker or enclosed."""
        kept = [b for _, name, given in self.calls if name == "keep" for b in given[1].values()]
        return kept + [
            b for _, name, given in self.calls if name == "make" for b in given[2].enclosed.values()
        ]


def lose(line, address, reply):
    del line.seats[address]
    raise WorkerLostError(address)


def make(node, place):
    source = node.arguments["source"]
    out = place.controlled(source, 2023)
    if node.arguments["name"] == "sum":
        text = "".join(path.read_text() for path in sorted(out.glob("part-*.txt")))
    else:
        read = sorted(p for p in place.data_raw(source).rglob("*") if p.is_file())
        text = node.arguments["name"] + "".join(path.read_text() for path in read)
    with write_atomically(out / f"{node.arguments['name']}.txt") as partial:
        partial.write_text(text)


def nodes(place, source="demo"):
    out, data = place.controlled(source, 2023), place.returns(source, 2023)
    parts = [
        Node(
            f"part/{i}",
            "x",
            {"name": f"part-{i}", "source": source},
            data=(data / "a.csv",),
            passwords=(data / "keys.toml",),
            outputs=((out, f"part-{i}*.txt"),),
        )
        for i in range(3)
    ]
    needs = tuple(part.name for part in parts)
    return [
        *parts,
        Node("whole/1", "x", {"name": "sum", "source": source}, needs=needs, outputs=((out, "sum.txt"),)),
    ]


@pytest.fixture(autouse=True)
def simple(monkeypatch):
    monkeypatch.setattr(worker, "perform_here", make)
    monkeypatch.setattr(session, "perform_here", make)
    monkeypatch.setattr(session, "_LOOK", 0.01)


@pytest.fixture
def place(tmp_path):
    return lay_out(tmp_path / "desk")


def lay_out(root):
    place = Workspace(root)
    for source in ("demo", "members"):
        place.returns(source, 2023).mkdir(parents=True)
        (place.returns(source, 2023) / "a.csv").write_text("row")
        (place.returns(source, 2023) / "unasked.csv").write_text("other")
    (root / "_quarto.yml").touch()
    return place


def build(place, line, *, source="demo", trusted=()):
    said = []
    asked = nodes(place, source)
    joined = Session(line, asked, place, trusted, said.append, patience=0.05)
    joined.require_workers()
    outcome = run_nodes(asked, place, source, workers=joined.size, perform=joined.perform)
    return outcome, [why.code for why in said]


def files(place):
    root = place.root / "data_clean"
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture
def expected(tmp_path):
    here = lay_out(tmp_path / "reference")
    (here.returns("demo", 2023) / "unasked.csv").unlink()
    run_nodes(nodes(here), here, "demo", workers=1, perform=make)
    return files(here)


def test_workers_make_what_this_desk_makes_from_the_named_inputs_alone(place, expected, tmp_path):
    line = Line(tmp_path)
    outcome, said = build(place, line)
    assert ["part/0", "part/1", "part/2", "whole/1"] == sorted(outcome.ran)
    assert expected == files(place)
    assert [] == said
    assert b"other" not in line.sent()
    assert [] == [p for seat in line.seats.values() for p in Path(seat.folder).glob("node-*")]


def test_a_content_goes_to_a_worker_once(place, tmp_path):
    line = Line(tmp_path, [ONE])
    build(place, line)
    assert 1 == line.sent().count(b"row")


def test_a_content_that_is_torn_on_the_worker_is_sent_again(place, expected, tmp_path):
    line = Line(tmp_path, [ONE])
    kept = Path(line.seats[ONE].folder, "contents", hashlib.sha256(b"row").hexdigest())
    kept.parent.mkdir()
    kept.write_bytes(b"ro")
    build(place, line)
    assert expected == files(place)
    assert 1 == line.sent().count(b"row")


def test_a_lost_workers_node_is_made_elsewhere(place, expected, tmp_path):
    outcome, said = build(place, Line(tmp_path, spoil={ONE: lose}))
    assert 4 == len(outcome.ran)
    assert ["E-858"] == said
    assert expected == files(place)


def test_a_worker_that_comes_later_takes_over(place, expected, tmp_path):
    def lose_and_come_back(line, address, reply):
        line.seats["tcp://127.0.0.1:3"] = line.seats[address]
        return lose(line, address, reply)

    outcome, _ = build(place, Line(tmp_path, [ONE], spoil={ONE: lose_and_come_back}))
    assert 4 == len(outcome.ran)
    assert expected == files(place)


def test_a_node_that_ends_three_workers_is_given_up(place, tmp_path):
    line = Line(tmp_path, [f"tcp://127.0.0.1:{i}" for i in range(1, 14)])
    line.spoil = dict.fromkeys(line.seats, lose)
    outcome, _ = build(place, line)
    assert {"E-859"} == {error.code for error in outcome.failed.values()}
    assert ["whole/1"] == outcome.skipped


def test_whoever_interrupts_waits_for_no_worker(place, tmp_path):
    begun = threading.Event()

    def hang(line, address, reply):
        begun.set()
        while address in line.seats:
            time.sleep(0.01)
        raise WorkerLostError(address)

    asked, said, failed = nodes(place), [], []
    line = Line(tmp_path, addresses=(ONE,), spoil={ONE: hang})
    joined = Session(line, asked, place, (), said.append, patience=60)

    def perform():
        try:
            joined.perform(asked[0], place)
        except SettingsError as error:
            failed.append(error.code)

    waiting = threading.Thread(target=perform)
    waiting.start()
    assert begun.wait(10)
    joined.give_up()
    waiting.join(10)
    assert (["E-857"], [], {}) == (failed, said, files(place))


def test_without_any_worker_left_a_node_fails(place, tmp_path):
    outcome, _ = build(place, Line(tmp_path, [ONE], spoil={ONE: lose}))
    assert {"E-857"} == {error.code for error in outcome.failed.values()}


def other_bytes(line, address, reply):
    return replace(reply, outputs=dict.fromkeys(reply.outputs, b"something else"))


def outside(name):
    def spoiled(line, address, reply):
        return Reply({name: b"x"}, {name: hashlib.sha256(b"x").hexdigest()})

    return spoiled


def unannounced(line, address, reply):
    return replace(reply, outputs=reply.outputs | {"data_clean/demo/controlled/2023/part-0-b.txt": b"x"})


def a_log_elsewhere(line, address, reply):
    return replace(reply, logs={"../a.log": b"x"})


WRONG = {
    "other bytes than were made": other_bytes,
    "a file that was not made": unannounced,
    "a file outside the workspace": outside("../elsewhere.txt"),
    "a file by its whole path": outside("/tmp/elsewhere.txt"),
    "a file on a roundabout way": outside("data_clean/demo/controlled/2023/../2023/part-0.txt"),
    "a file of another node": outside("data_clean/demo/controlled/2023/sum.csv"),
    "a file in a deeper folder": outside("data_clean/demo/controlled/2023/part/part-0.txt"),
    "a log outside the restricted folder": a_log_elsewhere,
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_what_it_says_is_thrown_away(place, tmp_path, case):
    outcome, said = build(place, Line(tmp_path, [ONE], spoil={ONE: WRONG[case]}))
    assert {"E-856"} == {error.code for error in outcome.failed.values()}
    assert ["E-856"] == said
    assert {} == files(place)
    assert not list(tmp_path.rglob("elsewhere*"))


def test_what_one_worker_spoils_another_makes(place, expected, tmp_path):
    _, said = build(place, Line(tmp_path, spoil={TWO: other_bytes}))
    assert ["E-856"] == said
    assert expected == files(place)


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"code": "0"}, "platform-utils"),
        ({"packages": {**worker.introduce().packages, "package:pandas": "2.0"}}, "pandas"),
    ],
)
def test_a_worker_with_other_code_or_packages_is_left_out(place, expected, tmp_path, changed, what):
    other = replace(worker.introduce(), **changed)
    line = Line(tmp_path, introductions={ONE: other})
    _, said = build(place, line)
    assert ["E-853"] == said
    assert {TWO} == {address for address, name, _ in line.calls if name == "make"}
    assert expected == files(place)
    alone = Line(tmp_path / "alone", [ONE], introductions={ONE: other})
    with pytest.raises(SettingsError, match="E-853") as refused:
        build(place, alone)
    assert what == refused.value.fields["what"]


def test_a_worker_whose_code_changes_under_it_runs_nothing(place, tmp_path, monkeypatch):
    begun = worker.introduce()
    line = Line(tmp_path, [ONE])
    monkeypatch.setattr(worker, "own_code", lambda: "changed since")
    outcome, said = build(place, line)
    assert begun == worker.introduce()
    assert ["E-853"] == said
    assert {"E-853"} == {error.code for error in outcome.failed.values()}
    assert {} == files(place)


def test_a_machine_without_our_package_is_left_out(place, tmp_path):
    class Bare(Line):
        def ask(self, address, function, *arguments):
            raise ModuleNotFoundError("platform_utils")

    with pytest.raises(SettingsError, match="E-853"):
        build(place, Bare(tmp_path))


# ------------------------------------------------------------------------------ what may go where


def test_members_data_goes_to_no_worker_that_the_settings_do_not_name(place, tmp_path):
    line = Line(tmp_path)
    with pytest.raises(SettingsError, match="E-854"):
        build(place, line, source="members")
    assert [] == line.sent()
    assert {"introduce"} == {name for _, name, _ in line.calls}


def test_members_data_goes_to_the_named_worker_only_and_stays_nowhere(place, tmp_path):
    line = Line(tmp_path)
    outcome, _ = build(place, line, source="members", trusted=[TWO])
    assert 4 == len(outcome.ran)
    assert {TWO} == {address for address, name, _ in line.calls if name in ("keep", "make")}
    assert b"row" in line.sent()
    left = [p for seat in line.seats.values() for p in Path(seat.folder).rglob("*") if p.is_file()]
    assert [] == left


def test_a_named_worker_without_encryption_is_refused(place, tmp_path):
    line = Line(tmp_path, ["tcp://10.0.0.7:9"])
    with pytest.raises(SettingsError, match="E-855"):
        build(place, line, source="members", trusted=["tcp://10.0.0.7:9"])
    assert [] == line.sent()


def test_the_scheduler_has_to_be_named_too(place):
    with (
        pytest.raises(SettingsError, match="E-854"),
        on_cluster("tls://10.0.0.8:8786", nodes(place, "members"), place, [FAR], print),
    ):
        pass


def test_passwords_of_members_are_never_sent_and_their_node_is_made_here(place, tmp_path):
    (place.returns("members", 2023) / "keys.toml").write_text("secret")
    line = Line(tmp_path)
    outcome, _ = build(place, line, source="members", trusted=[ONE, TWO])
    assert 4 == len(outcome.ran)
    assert b"secret" not in line.sent()
    assert {"whole/1"} == {given[2].node for _, name, given in line.calls if name == "make"}


def test_invented_passwords_go_along(place, tmp_path):
    (place.returns("demo", 2023) / "keys.toml").write_text("invented")
    line = Line(tmp_path)
    build(place, line)
    assert b"invented" in line.sent()


@pytest.mark.parametrize(
    ("address", "trusted", "expected"),
    [
        (FAR, [], False),
        (FAR, [FAR], True),
        (FAR, ["tls://10.0.0.7"], True),
        (FAR, ["tls://10.0.0.7:9001"], False),
        (FAR, ["tls://10.0.0.70"], False),
        (FAR, ["tcp://10.0.0.7"], False),
        ("tcp://10.0.0.7:9000", ["tcp://10.0.0.7"], False),
        ("tcp://name.of.a.desk:9000", ["tcp://name.of.a.desk"], False),
        ("tls://name.of.a.desk:9000", ["tls://name.of.a.desk"], True),
        ("tcp://127.0.0.1:9000", [], False),
        ("tcp://127.0.0.1:9000", ["tcp://localhost"], True),
        ("tcp://[::1]:9000", ["tcp://[::1]"], True),
    ],
)
def test_an_address_may_hold_rows_if_it_is_named_and_the_line_is_sealed(address, trusted, expected):
    assert expected is may_hold(address, trusted)


@pytest.mark.parametrize(("source", "expected"), [("demo", False), ("members", True), ("external-x", True)])
def test_all_that_comes_from_returns_of_others_is_confidential(place, source, expected):
    about = {"known": (2023,), "source": source, "langs": ("sv",), "formats": ("html",), "engine": "embedded"}
    made = annual_nodes(place, source, (2023,), "sv") + report_nodes(place, "annual", (2023,), **about)
    found = {node.name: is_confidential(node, place) for node in made}
    assert found.pop("admit/published") is False
    assert {expected} == set(found.values())


# -------------------------------------------------------------------------- failures, and what is left


def test_a_nodes_own_failure_comes_back_with_its_log(place, tmp_path, monkeypatch):
    def fail(node, where):
        log = where.root / "data_clean/demo/controlled/2023/run.log"
        log.parent.mkdir(parents=True)
        log.write_text("what it said")
        raise FileError("E-508", document="a", expected=".ipynb")

    monkeypatch.setattr(worker, "perform_here", fail)
    outcome, said = build(place, Line(tmp_path))
    assert {"E-508"} == {error.code for error in outcome.failed.values()}
    assert [] == said
    assert "what it said" == (place.controlled("demo", 2023) / "run.log").read_text()


def test_a_fault_of_ours_stays_in_the_restricted_folder(place, tmp_path, monkeypatch):
    def fail(node, where):
        raise ValueError("a person's row")

    monkeypatch.setattr(worker, "perform_here", fail)
    outcome, said = build(place, Line(tmp_path))
    assert {"E-020"} == {error.code for error in outcome.failed.values()}
    assert not any("person" in error.text("en") for error in outcome.failed.values())
    assert [] == said
    assert "a person's row" in (place.restricted("demo", "logs") / "part-0.txt").read_text()


def test_what_a_node_does_not_make_any_more_is_gone(place, tmp_path):
    stale = place.controlled("demo", 2023) / "part-0-old.txt"
    stale.parent.mkdir(parents=True)
    stale.write_text("old")
    build(place, Line(tmp_path))
    assert not stale.exists()


@pytest.mark.parametrize("text", ["", "somewhere", "tcp://", "tcp://host", "inproc://1:2", "tcp://host:port"])
def test_what_is_no_address_of_a_scheduler_is_refused(place, text):
    with pytest.raises(UsageError, match="E-850"), on_cluster(text, nodes(place), place, [], print):
        pass


def test_the_settings_name_machines(place, monkeypatch):
    (place.root / "workspace.toml").write_text('trusted_workers = ["tls://10.0.0.7", "tcp://127.0.0.1:1"]')
    assert ("tls://10.0.0.7", "tcp://127.0.0.1:1") == load_settings(place).trusted_workers
    monkeypatch.setenv("PLATFORM_UTILS_TRUSTED_WORKERS", "tls://a, tls://b:1")
    assert ("tls://a", "tls://b:1") == load_settings(place).trusted_workers
    for text in ('"tls://a b"', '["10.0.0.7"]', "[1]", "true", '["tls://a/path"]', '["*"]'):
        monkeypatch.delenv("PLATFORM_UTILS_TRUSTED_WORKERS", raising=False)
        (place.root / "workspace.toml").write_text(f"trusted_workers = {text}")
        with pytest.raises(PlatformError, match="E-010"):
            load_settings(place)
