"""Laws of stream delivery, under random failures, pauses and crashes of a handler."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.streams.delivery import Delivery, Pending
from ddbmodel.streams.records import StreamRecord

WHEN = datetime.fromtimestamp(0, UTC)

# An item, or None for a record that the handler does not want.
histories = st.lists(st.one_of(st.none(), st.sampled_from("abcd")), max_size=40)
choices = st.lists(st.integers(0, 999), min_size=1, max_size=200)


def _record(sequence: int, item: str) -> StreamRecord:
    keys = {"id": {"S": item}}
    return StreamRecord("INSERT", str(sequence), f"event {sequence}", keys, None, keys, WHEN, False)


class Run:
    """A handler that takes, completes and fails records as a list of numbers says, and may crash."""

    def __init__(self, history: list[str | None], numbers: list[int], lanes: int) -> None:
        self.history, self.numbers, self.lanes = history, numbers, lanes
        self.now_s = 0.0
        self.completions: list[tuple[str, int]] = []
        self.cursors: list[int] = [0]

    def run(self) -> None:
        stored: str | None = None
        at = 0
        for crash in (True, True, False):
            delivery = Delivery(stored)
            running: list[Pending] = []
            unread = [
                (sequence, item) for sequence, item in enumerate(self.history, 1) if delivery.is_new(str(sequence))
            ]
            while unread or delivery.unfinished_count:
                number = self.numbers[at % len(self.numbers)]
                at += 1
                # Whatever the numbers say, every run comes to its end.
                step = number % 6 if at < 2000 else (1, 2, 5)[at % 3] if not unread else 0
                if step == 0 and unread:
                    sequence, item = unread.pop(0)
                    if item is None:
                        delivery.pass_over(str(sequence))
                    else:
                        delivery.offer(_record(sequence, item))
                elif step == 1 and len(running) < self.lanes:
                    pending = delivery.take(self.now_s)
                    if pending is not None:
                        assert pending.record.item_key not in [other.record.item_key for other in running]
                        running.append(pending)
                elif step == 2 and running:
                    pending = running.pop(number % len(running))
                    delivery.completed(pending)
                    self.completions.append((pending.record.keys["id"]["S"], int(pending.record.sequence)))
                elif step == 3 and running:
                    delivery.failed(running.pop(number % len(running)), self.now_s, RuntimeError())
                elif step == 4 and crash and number % 9 == 0:
                    break
                elif step == 5:
                    self.now_s += 31.0
                stored = delivery.cursor
                self.cursors.append(int(stored or 0))
            stored = delivery.cursor
        self.cursors.append(int(stored or 0))


@given(histories, choices, st.integers(1, 3))
def test_every_record_completes_and_first_completions_of_an_item_are_in_order(
    history: list[str | None], numbers: list[int], lanes: int
) -> None:
    run = Run(history, numbers, lanes)

    run.run()

    expected = defaultdict(list)
    for sequence, item in enumerate(history, 1):
        if item is not None:
            expected[item].append(sequence)
    firsts = defaultdict(list)
    for item, sequence in run.completions:
        if sequence not in firsts[item]:
            firsts[item].append(sequence)
    assert {item: firsts[item] for item in expected} == expected


@given(histories, choices, st.integers(1, 3))
def test_the_cursor_never_moves_back_and_ends_at_the_end(
    history: list[str | None], numbers: list[int], lanes: int
) -> None:
    run = Run(history, numbers, lanes)

    run.run()

    assert run.cursors == sorted(run.cursors)
    assert run.cursors[-1] == len(history)


@given(histories, choices, st.integers(1, 3))
def test_without_a_crash_nothing_completes_twice(history: list[str | None], numbers: list[int], lanes: int) -> None:
    run = Run(history, [number for number in numbers if number % 6 != 4] or [0], lanes)

    run.run()

    assert len(run.completions) == len(set(run.completions)) == sum(item is not None for item in history)
