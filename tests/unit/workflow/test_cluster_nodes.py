"""Nodes on workers: the same files as here, what is wrong or not allowed refused."""

import pickle
import threading
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from platform_utils.config import load_settings
from platform_utils.errors import FileError, PlatformError, SettingsError, UsageError
from platform_utils.paths import Workspace, write_atomically
from platform_utils.workflow import Node, annual_nodes, cluster, report_nodes, run_nodes
from platform_utils.workflow.cluster import Cluster, is_confidential, on_cluster, why_not

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

ONE, TWO = "tcp://127.0.0.1:1", "tcp://127.0.0.1:2"
FAR = "tls://10.0.0.7:9000"


class Client:
    """Dask's client as far as a build needs it; what is sent is pickled as Dask would."""

    def __init__(self, addresses=(ONE, TWO), spoil=lambda made: made, introductions=None):
        self.there = dict.fromkeys(addresses, 1)
        self.scheduler = SimpleNamespace(identity=None)
        self.spoil, self.introductions = spoil, introductions or {}
        self.asked, self.sent = [], []

    def sync(self, _, **__):
        return {"workers": {name: {"nthreads": n} for name, n in self.there.items()}}

    def run(self, function, *arguments, workers):
        self.asked += workers
        changed = self.introductions.get(workers[0], {})
        if isinstance(changed, Exception):
            raise changed
        return {workers[0]: function(*arguments) | changed}

    def submit(self, function, *arguments, workers, **_):
        self.sent.append((pickle.dumps(arguments), tuple(workers)))
        future = Future()
        try:
            future.set_result(self.spoil(function(*pickle.loads(self.sent[-1][0]))))
        except Exception as error:  # noqa: BLE001 - as Dask does
            future.set_exception(error)
        return future


def make(source, name, *, workspace):
    out = workspace.controlled(source, 2023)
    if name == "sum":
        text = "".join(path.read_text() for path in sorted(out.glob("part-*.txt")))
    else:
        text = name + (workspace.returns(source, 2023) / "a.csv").read_text()
    with write_atomically(out / f"{name}.txt") as partial:
        partial.write_text(text)


def fail(source, name, *, workspace):
    raise FileError("E-508", document="a", expected=".ipynb")


def crash(source, name, *, workspace):
    raise ValueError("what a cell said")


def nodes(place, source="demo", action=make):
    out, data = place.controlled(source, 2023), (place.returns(source, 2023) / "a.csv",)
    parts = [
        Node(
            f"part/{i}",
            action,
            {"source": source, "name": f"part-{i}"},
            data=data,
            outputs=((out, f"part-{i}*"),),
        )
        for i in range(3)
    ]
    needs = tuple(part.name for part in parts)
    return [
        *parts,
        Node("whole/1", action, {"source": source, "name": "sum"}, needs=needs, outputs=((out, "sum*"),)),
    ]


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE", 0.3)
    monkeypatch.setattr(cluster, "_LOOK", 0.01)


@pytest.fixture
def place(tmp_path):
    return lay_out(tmp_path / "desk")


def lay_out(root):
    place = Workspace(root)
    for source in ("demo", "members"):
        place.returns(source, 2023).mkdir(parents=True)
        (place.returns(source, 2023) / "a.csv").write_text("what a person answered")
    (root / "_quarto.yml").touch()
    return place


def joined(place, client, *, address=ONE, trusted=(), said=None):
    note = place.root / "note"
    note.write_text("nonce")
    return Cluster(client, address, note, trusted, (said if said is not None else []).append)


def build(place, client, *, source="demo", trusted=(), action=make):
    asked, said = nodes(place, source, action), []
    there = joined(place, client, trusted=trusted, said=said)
    size = there.require_workers(asked, place)
    return run_nodes(asked, place, source, workers=size, perform=there.perform), [why.code for why in said]


def files(place):
    root = place.root / "data_clean"
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture
def expected(tmp_path):
    here = lay_out(tmp_path / "reference")
    run_nodes(nodes(here), here, "demo", workers=1)
    return files(here)


def test_workers_make_what_this_desk_makes(place, expected):
    outcome, said = build(place, Client())
    assert ["part/0", "part/1", "part/2", "whole/1"] == sorted(outcome.ran)
    assert (expected, []) == (files(place), said)


def test_no_content_is_sent(place):
    client = Client()
    build(place, client)
    assert 4 == len(client.sent)
    assert not [sent for sent, _ in client.sent if b"answered" in sent]


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"platform-utils": "0"}, "platform-utils"),
        ({"package:pandas": "2.0"}, "pandas"),
        ({"shared folder": ""}, "shared folder"),
    ],
)
def test_a_worker_with_other_code_packages_or_folder_is_left_out(place, expected, changed, what):
    client = Client(introductions={ONE: changed})
    _, said = build(place, client)
    assert (["E-853"], expected) == (said, files(place))
    assert {(TWO,)} == {workers for _, workers in client.sent}
    with pytest.raises(SettingsError, match="E-853") as refused:
        build(place, Client([ONE], introductions={ONE: changed}))
    assert what == refused.value.fields["what"]


def test_a_machine_without_our_package_is_left_out(place):
    with pytest.raises(SettingsError, match="E-853"):
        build(place, Client([ONE], introductions={ONE: ModuleNotFoundError("platform_utils")}))


def test_a_worker_whose_code_changes_under_it_runs_nothing(place, monkeypatch):
    there = joined(place, Client())
    monkeypatch.setattr(cluster, "_code_now", lambda: "changed since")
    with pytest.raises(SettingsError, match="E-853"):
        there.perform(nodes(place)[0], place)
    assert {} == files(place)


def test_what_does_not_stand_here_as_it_was_made_fails(place):
    outcome, _ = build(place, Client(spoil=lambda made: dict.fromkeys(made, "other")))
    assert {"E-856"} == {error.code for error in outcome.failed.values()}
    assert not list((place.data_clean("demo") / "manifests").rglob("*.json"))


def test_a_worker_that_comes_later_takes_over(place, expected):
    client = Client([])
    there = joined(place, client)
    coming = threading.Timer(0.1, client.there.update, [{TWO: 1}])
    coming.start()
    outcome = run_nodes(nodes(place), place, "demo", workers=1, perform=there.perform)
    assert (4, expected) == (len(outcome.ran), files(place))


def test_without_any_worker_nothing_is_made(place):
    with pytest.raises(SettingsError, match="E-857"):
        build(place, Client([]))
    with pytest.raises(SettingsError, match="E-857"):
        joined(place, Client([])).perform(nodes(place)[0], place)


def test_a_node_that_ends_many_workers_is_given_up(place):
    from distributed import KilledWorker

    def lose(made):
        raise KilledWorker("part", None, 3)

    outcome, _ = build(place, Client(spoil=lose))
    assert {"E-859"} == {error.code for error in outcome.failed.values()}


def test_whoever_interrupts_waits_for_no_worker(place, monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE", 60)
    client, failed, begun = Client(), [], threading.Event()

    def hang(*_, **__):
        begun.set()
        return Future()

    client.submit = hang
    there = joined(place, client)

    def perform():
        try:
            there.perform(nodes(place)[0], place)
        except SettingsError as error:
            failed.append(error.code)

    waiting = threading.Thread(target=perform)
    waiting.start()
    assert begun.wait(10)
    there.give_up()
    waiting.join(10)
    assert (["E-857"], {}) == (failed, files(place))


# ------------------------------------------------------------------------------ what may go where


def test_members_data_goes_to_no_worker_that_the_settings_do_not_name(place):
    client = Client()
    with pytest.raises(SettingsError, match="E-854"):
        build(place, client, source="members")
    with pytest.raises(SettingsError, match="E-854"):
        joined(place, client, address=FAR, trusted=[FAR]).require_workers(nodes(place, "members"), place)
    assert [] == client.sent


def test_members_data_goes_to_the_named_worker_only(place):
    client = Client()
    there = joined(place, client, address=TWO, trusted=[TWO])
    asked = nodes(place, "members")
    outcome = run_nodes(
        asked, place, "members", workers=there.require_workers(asked, place), perform=there.perform
    )
    assert 4 == len(outcome.ran)
    assert {(TWO,)} == {workers for _, workers in client.sent}


def test_a_named_worker_without_encryption_is_refused(place):
    client = Client(["tcp://10.0.0.7:9"])
    there = joined(place, client, trusted=[ONE, "tcp://10.0.0.7:9"])
    with pytest.raises(SettingsError, match="E-855"):
        there.require_workers(nodes(place, "members"), place)
    assert [] == client.sent


def test_the_scheduler_has_to_be_named_too(place):
    client = Client([FAR])
    with pytest.raises(SettingsError, match="E-854"):
        joined(place, client, address="tls://10.0.0.8:8786", trusted=[FAR]).require_workers(
            nodes(place, "members"), place
        )
    assert [] == client.asked


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
    assert expected is (why_not(address, trusted) is None)


@pytest.mark.parametrize(("source", "expected"), [("demo", False), ("members", True), ("external-x", True)])
def test_all_that_comes_from_returns_of_others_is_confidential(place, source, expected):
    about = {"source": source, "langs": ("sv",), "formats": ("html",), "engine": "embedded"}
    made = annual_nodes(place, source, (2023,), "sv") + report_nodes(place, "annual", (2023,), **about)
    found = {node.name: is_confidential(node, place) for node in made}
    assert found.pop("admit/published") is False
    assert {expected} == set(found.values())


# -------------------------------------------------------------------------- failures, and what is left


def test_a_nodes_own_failure_comes_back(place):
    outcome, _ = build(place, Client(), action=fail)
    assert {"E-508"} == {error.code for error in outcome.failed.values()}
    assert ["whole/1"] == outcome.skipped


def test_a_fault_of_ours_is_one_calm_line_and_its_traceback_is_restricted(place):
    outcome, _ = build(place, Client(), action=crash)
    assert {"E-020"} == {error.code for error in outcome.failed.values()}
    log = place.restricted("demo", "logs") / "part-0.txt"
    assert "what a cell said" in log.read_text()
    assert "what a cell said" not in outcome.failed["part/0"].text("en")


@pytest.mark.parametrize("text", ["", "127.0.0.1:8786", "http://a:1", "tcp://a", "tcp://a:b", "tcp://[::1"])
def test_what_is_no_address_of_a_scheduler_is_refused(place, text):
    with pytest.raises(UsageError, match="E-850"), on_cluster(text, place, (), print):
        pass


def test_where_nobody_answers_it_is_said(place):
    with pytest.raises(SettingsError, match="E-852"), on_cluster("tcp://127.0.0.1:1", place, (), print):
        pass
    assert not list(place.desk.rglob("cluster"))


def test_without_dask_it_is_said_how_to_get_it(place, monkeypatch):
    monkeypatch.setattr(cluster.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match="E-851"), on_cluster(ONE, place, (), print):
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
