"""The most frequent things are found in bounded memory."""

from __future__ import annotations

import random
from collections import Counter

from ddbmodel.transport.space_saving import SpaceSaving


def test_few_things_are_counted_exactly() -> None:
    counts = SpaceSaving[str](10)
    for thing in "abracadabra":
        counts.add(thing)

    assert counts.top(2) == [("a", 5, 0), ("b", 2, 0)]
    assert counts.total == 11


def test_what_is_frequent_is_found_among_any_number_of_rare_things() -> None:
    counts, dice = SpaceSaving[str](50), random.Random(3)
    stream = ["hot"] * 300 + ["warm"] * 150 + [f"rare{number}" for number in range(3000)]
    dice.shuffle(stream)
    for thing in stream:
        counts.add(thing)

    top = counts.top(2)

    assert [thing for thing, _, _ in top] == ["hot", "warm"]
    true = Counter(stream)
    for thing, count, excess in counts.top(50):
        assert true[thing] <= count <= true[thing] + excess
    assert len(counts._counts) == len(counts._smallest) == 50
