"""A kernel counts as ready when it has answered us, and when we have heard it say so to everybody."""

import asyncio
from queue import Empty

import pytest

from platform_utils.execute.kernel import PlatformKernelManager


class Scripted:
    """A kernel's two channels as a list of what is heard next; ``None`` is silence."""

    def __init__(self, client, monkeypatch, shell, everybody, alive=True):
        self.asked = []
        monkeypatch.setattr(client, "kernel_info", self.ask)
        monkeypatch.setattr(client, "get_shell_msg", self.next_of(shell))
        monkeypatch.setattr(client, "get_iopub_msg", self.next_of(everybody))
        monkeypatch.setattr(client, "is_alive", self.is_alive)
        monkeypatch.setattr(client, "_handle_kernel_info_reply", lambda _: None)
        self.alive = alive

    def ask(self):
        self.asked.append(f"q{len(self.asked) + 1}")
        return self.asked[-1]

    def next_of(self, messages):
        queue = iter(messages)

        async def heard(**_):
            message = next(queue, None)
            if message is None:
                raise Empty
            return message

        return heard

    async def is_alive(self):
        return self.alive


def state(of, execution_state):
    return {"parent_header": {"msg_id": of}, "content": {"execution_state": execution_state}}


@pytest.fixture
def client():
    manager = PlatformKernelManager()
    yield manager.client_factory()
    asyncio.run(manager.cleanup_resources())


def wait(client, timeout=60):
    asyncio.run(client.wait_for_ready(timeout=timeout))


def test_ready_once_it_is_idle_again(client, monkeypatch):
    everybody = [state("other", "idle"), state("q1", "busy"), state("q1", "idle"), state("q1", "late")]
    kernel = Scripted(client, monkeypatch, [{}], everybody)
    wait(client)
    assert kernel.asked == ["q1"]


def test_asked_again_if_what_it_told_everybody_was_not_heard(client, monkeypatch):
    kernel = Scripted(client, monkeypatch, [{}, {}], [state("q1", "busy"), None, state("q2", "idle")])
    wait(client)
    assert kernel.asked == ["q1", "q2"]


def test_what_comes_late_counts(client, monkeypatch):
    kernel = Scripted(client, monkeypatch, [{}, {}], [None, state("q1", "busy"), state("q1", "idle")])
    wait(client)
    assert kernel.asked == ["q1", "q2"]


def test_a_kernel_that_has_ended_is_not_waited_for(client, monkeypatch):
    Scripted(client, monkeypatch, [], [], alive=False)
    with pytest.raises(RuntimeError, match="ended"):
        wait(client)


def test_a_kernel_that_never_answers_is_given_up(client, monkeypatch):
    Scripted(client, monkeypatch, [], [])
    with pytest.raises(RuntimeError, match="does not answer"):
        wait(client, timeout=0)
