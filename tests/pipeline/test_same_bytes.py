"""One year, built at two desks that share nothing but the lock, the system and the returns: the same bytes."""

import signal
import time

import pytest
from mishaps import kernel_mishap
from one_year import OTHER_DESK, YEAR, build, differing, lay_out, made, start

from platform_utils.execute.fork_server import CAN_FORK

pytestmark = pytest.mark.xdist_group("same bytes")


def test_another_desk_makes_the_same_bytes(reference, one_years_returns, tmp_path):
    place = lay_out(tmp_path / "another place with spaces" / "åäö", one_years_returns, reverse=True)
    (tmp_path / "home").mkdir()
    other = build(
        place,
        workers=1,
        cwd=tmp_path,
        HOME=str(tmp_path / "home"),
        PLATFORM_UTILS_KERNELS="plain",
        **OTHER_DESK,
    )
    assert [] == differing(reference, other)
    kinds = {name.rpartition(".")[2] for name in reference}
    assert {"parquet", "json", "ipynb", "html", "pdf", "docx"} <= kinds


@pytest.mark.skipif(not CAN_FORK, reason="the signal and the lock are those of POSIX")
def test_killed_and_run_again_is_the_same_as_never_killed(reference, one_desk, one_years_returns, tmp_path):
    place = lay_out(tmp_path / "workspace", one_years_returns, desk=one_desk)
    for seconds in (4.0, 7.5):
        with start(place) as process:
            time.sleep(seconds)
            process.send_signal(signal.SIGKILL)
            process.communicate()
        torn = {name for name, value in made(place).items() if reference.get(name) != value}
        assert set() == torn
    assert [] == differing(reference, build(place))


@pytest.mark.skipif(not CAN_FORK, reason="the interrupt is that of POSIX")
def test_a_kernel_that_hangs_ends_with_an_interrupt_and_the_next_run_is_whole(
    reference, one_desk, one_years_returns, tmp_path
):
    place = lay_out(tmp_path / "workspace", one_years_returns, desk=one_desk)
    with kernel_mishap(place, "a kernel that hangs"), start(place) as process:
        cleaned = place / "data_clean" / "demo" / "manifests" / "clean" / f"{YEAR}.json"
        while not cleaned.exists() and process.poll() is None:
            time.sleep(0.1)
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        assert 130 == process.wait(timeout=60)
    wrong = {name for name, value in made(place).items() if reference.get(name) != value}
    assert {name for name in wrong if not name.endswith(".log")} == set()
    assert [] == differing(reference, build(place))
