"""Lanes: one piece of work at a time, the newest of those that wait, and nothing shown after it was stopped."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hueclid.ui.jobs import Lane, Request


class Errand:
    """Work whose steps the test lets go, one by one."""

    def __init__(self, name, shown, steps=2):
        self.name, self.shown, self.steps = name, shown, steps
        self.begun, self.stopped, self.failures, self.notes = threading.Event(), False, [], []
        self.go = threading.Semaphore(0)

    def work(self, checkpoint):
        self.begun.set()
        try:
            for step in range(self.steps):
                self.go.acquire(timeout=10)
                checkpoint(f"step {step}")
                yield f"{self.name}{step}"
            self.stopped = None
        finally:
            self.stopped = self.stopped is not None

    def request(self):
        return Request(self.work, self.shown.append, self.failures.append, self.notes.append)


def played(play, **settings):
    async def run():
        with ThreadPoolExecutor(4) as pool:
            idle = []
            lane = Lane(pool, idle=lambda: idle.append(True), **settings)
            await play(lane, idle)

    asyncio.run(run())


async def until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came true")


def test_steps_are_shown_in_order():
    async def play(lane, idle):
        errand = Errand("a", shown := [], steps=3)
        errand.go.release(3)
        lane.ask(errand.request())
        assert lane.busy
        await until(lambda: not lane.busy)
        assert shown == ["a0", "a1", "a2"]
        assert (errand.stopped, errand.notes[0], idle) == (False, "step 0", [True])

    played(play)


def test_something_newer_stops_what_runs_and_replaces_what_waits():
    async def play(lane, idle):
        shown = []
        first, second, third = (Errand(name, shown) for name in "abc")
        lane.ask(first.request())
        await until(first.begun.is_set)
        first.go.release()
        await until(lambda: shown == ["a0"])
        lane.ask(second.request())
        lane.ask(third.request())
        first.go.release()
        third.go.release(2)
        await until(lambda: not lane.busy)
        assert shown == ["a0", "c0", "c1"]
        assert (first.stopped, second.begun.is_set(), third.stopped, idle) == (True, False, False, [True])

    played(play)


def test_a_patient_lane_lets_what_runs_end():
    async def play(lane, idle):
        shown = []
        first, second, third = (Errand(name, shown, steps=1) for name in "abc")
        lane.ask(first.request())
        await until(first.begun.is_set)
        lane.ask(second.request())
        lane.ask(third.request())
        first.go.release()
        third.go.release()
        await until(lambda: not lane.busy)
        assert shown == ["a0", "c0"]

    played(play, patient=True)


@pytest.mark.parametrize("patient", [False, True])
def test_nothing_is_shown_after_stop(patient):
    async def play(lane, idle):
        errand = Errand("a", shown := [])
        lane.ask(errand.request())
        await until(errand.begun.is_set)
        lane.stop()
        errand.go.release(2)
        await until(lambda: not lane.busy)
        assert (shown, errand.failures, errand.stopped) == ([], [], True)

    played(play, patient=patient)


def test_failures_are_told_and_the_lane_goes_on():
    async def play(lane, idle):
        failures, shown = [], []

        def broken(_checkpoint):
            raise ValueError("no")
            yield

        lane.ask(Request(broken, shown.append, failures.append))
        await until(lambda: not lane.busy)
        lane.ask(Request(lambda _checkpoint: iter([1]), shown.append, failures.append))
        await until(lambda: not lane.busy)
        assert [str(failure) for failure in failures] == ["no"]
        assert shown == [1]

    played(play)
