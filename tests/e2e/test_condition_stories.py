"""Stories of conditions and updates: every operator and every action, on places of every depth."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from story_models import Play, Profile, Score

from ddbmodel import ConditionFailed, Database, InvalidRequest
from ddbmodel.expressions.tree import Condition, UpdateAction

STORED: dict[str, Any] = {
    "game": "tetris",
    "player": "ann",
    "points": 7,
    "price": Decimal("2.5"),
    "tags": {"a", "b"},
    "numbers": {1, 2},
    "picture": b"\x01\x02\x03",
    "profile": Profile(city="Oslo"),
    "history": [Play(points=1, note="n"), Play(points=2)],
    "words": ["x", "y", "z"],
    "counts": {"one": 1},
}

HOLD: dict[str, Callable[[Any], Condition]] = {
    "equal": lambda s: s.points == 7,
    "equal_to_a_model": lambda s: s.profile == Profile(city="Oslo"),
    "equal_to_a_set": lambda s: s.tags == {"b", "a"},
    "equal_to_a_list": lambda s: s.words == ["x", "y", "z"],
    "equal_to_none": lambda s: s.nick == None,  # noqa: E711  # builds a condition
    "not_equal": lambda s: s.points != 8,
    "not_equal_to_none": lambda s: s.picture != None,  # noqa: E711  # builds a condition
    "less": lambda s: s.points < 8,
    "less_or_equal": lambda s: s.points <= 7,
    "greater": lambda s: s.price > Decimal("2.49"),
    "greater_or_equal": lambda s: s.game >= "tetris",
    "between": lambda s: s.points.between(7, 9),
    "is_in": lambda s: s.region.is_in(["us", "eu"]),
    "exists": lambda s: s.profile.exists(),
    "not_exists": lambda s: s.nick.not_exists(),
    "attribute_type": lambda s: s.tags.attribute_type("SS"),
    "begins_with_text": lambda s: s.game.begins_with("tet"),
    "contains_a_part": lambda s: s.game.contains("etri"),
    "contains_a_member": lambda s: s.tags.contains("a"),
    "contains_a_number": lambda s: s.numbers.contains(2),
    "contains_an_element": lambda s: s.words.contains("y"),
    "size_of_text": lambda s: s.game.size() == 6,
    "size_of_a_set": lambda s: s.tags.size() > 1,
    "size_of_binary": lambda s: s.picture.size().between(3, 3),
    "another_attribute": lambda s: s.game != s.player,
    "nested_field": lambda s: s.profile[Profile.city] == "Oslo",
    "nested_absent_field": lambda s: s.profile[Profile.floor].not_exists(),
    "list_position": lambda s: s.words[1] == "y",
    "field_in_a_list": lambda s: s.history[0][Play.points] == 1,
    "map_entry": lambda s: s.counts["one"] >= 1,
    "and": lambda s: (s.points > 1) & (s.points < 9) & s.active.exists(),
    "or": lambda s: (s.points > 100) | (s.region == "eu"),
    "not": lambda s: ~(s.points > 100),
    "all_together": lambda s: ~((s.points > 100) | (s.game == "x")) & ((s.points == 7) | (s.points == 8)),
}


async def _stored(db: Database, new_table: Any) -> tuple[Any, Any]:
    scores = await new_table(Score)
    await db.create(scores(**STORED))
    return scores, scores.key(game="tetris", player="ann")


async def test_every_operator_holds_or_not(db: Database, new_table: Any) -> None:
    scores, key = await _stored(db, new_table)
    wrong: list[str] = []
    for name, condition in HOLD.items():
        try:
            await db.update(key, scores.points.set(7), condition=condition(scores))
        except ConditionFailed:
            wrong.append(name)
        try:
            await db.update(key, scores.points.set(8), condition=~condition(scores))
            wrong.append(f"not {name}")
        except ConditionFailed:
            pass

    assert wrong == []


@pytest.mark.differs("begins_with on binary")
async def test_a_binary_begins_with_another(db: Database, new_table: Any) -> None:
    scores, key = await _stored(db, new_table)

    await db.update(key, scores.points.set(7), condition=scores.picture.begins_with(b"\x01\x02"))
    with pytest.raises(ConditionFailed):
        await db.update(key, scores.points.set(7), condition=scores.picture.begins_with(b"\x02"))


CHANGES: dict[str, tuple[Callable[[Any], list[UpdateAction]], dict[str, Any]]] = {
    "set": (lambda s: [s.points.set(9), s.nick.set("n")], {"points": 9, "nick": "n"}),
    "set_none": (lambda s: [s.profile.set(None)], {"profile": None}),
    "set_an_empty_set": (lambda s: [s.tags.set(set())], {"tags": set()}),
    "set_to_another_attribute": (lambda s: [s.nick.set(s.region)], {"nick": "eu"}),
    "set_a_binary": (lambda s: [s.picture.set(b"\xff\x00")], {"picture": b"\xff\x00"}),
    "remove": (lambda s: [s.picture.remove()], {"picture": None}),
    "add": (lambda s: [s.points.add(-10)], {"points": -3}),
    "add_a_decimal": (lambda s: [s.price.add(Decimal("0.25"))], {"price": Decimal("2.75")}),
    "append": (lambda s: [s.words.append("p", "q")], {"words": ["x", "y", "z", "p", "q"]}),
    "prepend": (lambda s: [s.words.prepend("p", "q")], {"words": ["p", "q", "x", "y", "z"]}),
    "append_a_model": (
        lambda s: [s.history.append(Play(points=3))],
        {"history": [Play(points=1, note="n"), Play(points=2), Play(points=3)]},
    ),
    "union": (lambda s: [s.tags.union({"c", "a"})], {"tags": {"a", "b", "c"}}),
    "union_of_an_absent_set": (lambda s: [s.blobs.union({b"\x00"})], {"blobs": {b"\x00"}}),
    "difference": (lambda s: [s.numbers.difference({1, 5})], {"numbers": {2}}),
    "difference_that_leaves_nothing": (lambda s: [s.numbers.difference({1, 2})], {"numbers": set()}),
    "set_if_absent": (lambda s: [s.points.set_if_absent(1), s.nick.set_if_absent("n")], {"nick": "n"}),
    "nested_field": (lambda s: [s.profile[Profile.city].set("Rome")], {"profile": Profile(city="Rome")}),
    "nested_add": (lambda s: [s.profile[Profile.floor].add(2)], {"profile": Profile(city="Oslo", floor=2)}),
    "list_position": (lambda s: [s.words[1].set("Y"), s.words[0].remove()], {"words": ["Y", "z"]}),
    "beyond_the_end_of_a_list": (lambda s: [s.words[9].set("end")], {"words": ["x", "y", "z", "end"]}),
    "field_in_a_list": (
        lambda s: [s.history[1][Play.note].set("m")],
        {"history": [Play(points=1, note="n"), Play(points=2, note="m")]},
    ),
    "map_entry": (lambda s: [s.counts["two"].set(2), s.counts["one"].remove()], {"counts": {"two": 2}}),
    "all_sections": (
        lambda s: [s.points.add(1), s.picture.remove(), s.tags.difference({"a"}), s.nick.set("n")],
        {"points": 8, "picture": None, "tags": {"b"}, "nick": "n"},
    ),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_every_action_changes_what_it_says(db: Database, new_table: Any, name: str) -> None:
    scores, key = await _stored(db, new_table)
    actions, expected = CHANGES[name]

    updated = await db.update(key, *actions(scores))

    assert updated == scores(**{**STORED, **expected})
    assert await db.get(scores, game="tetris", player="ann") == updated


@pytest.mark.differs("SET from a key attribute")
async def test_an_attribute_is_set_from_the_key(db: Database, new_table: Any) -> None:
    scores, key = await _stored(db, new_table)

    updated = await db.update(key, scores.nick.set(scores.game))

    assert updated.nick == "tetris"


async def test_a_key_attribute_is_not_updated(db: Database, fresh: Any) -> None:
    scores = fresh(Score)

    with pytest.raises(InvalidRequest, match="key attribute 'player' cannot be updated"):
        await db.update(scores.key(game="tetris", player="ann"), scores.player.set("ben"))


async def test_an_update_without_actions_is_refused(db: Database, fresh: Any) -> None:
    scores = fresh(Score)

    with pytest.raises(InvalidRequest, match="at least one action"):
        await db.update(scores.key(game="tetris", player="ann"))


async def test_two_actions_on_one_place_are_refused(db: Database, fresh: Any) -> None:
    scores = fresh(Score)

    with pytest.raises(InvalidRequest, match="overlap"):
        await db.update(scores.key(game="tetris", player="ann"), scores.points.set(1), scores.points.add(1))
