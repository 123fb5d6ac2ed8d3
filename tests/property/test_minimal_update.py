"""Laws of minimal updates, checked with the updater that the engine itself uses."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ddbmodel.expressions.apply import apply_update
from ddbmodel.expressions.check import check_update
from ddbmodel.expressions.tree import Update
from ddbmodel.unit_of_work.minimal_update import action_cost_bytes, minimal_update, whole_attribute_update
from ddbmodel.values.equality import same_item
from ddbmodel.values.wire import Item, copy_value

NAMES = st.sampled_from(["a", "b", "c", "size"])


def _set_of(tag: str, members: list[str]) -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(members), min_size=1, unique=True).map(lambda chosen: {tag: chosen})


LEAVES = st.one_of(
    st.integers(-3, 3).map(lambda number: {"N": str(number)}),
    st.text("xyé", max_size=2).map(lambda text: {"S": text}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    _set_of("SS", ["p", "q", "r", "a rather long member of a set"]),
    _set_of("NS", ["1", "2", "30"]),
    _set_of("BS", ["YQ==", "Yg=="]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.dictionaries(NAMES, inner, max_size=3).map(lambda entries: {"M": entries}),
        st.lists(inner, max_size=4).map(lambda elements: {"L": elements}),
    ),
    max_leaves=12,
)
ITEMS = st.dictionaries(NAMES, VALUES, max_size=4)


@st.composite
def _edited(draw: st.DrawFn) -> tuple[Item, Item]:
    """Draw an item and the same item after a few small edits anywhere in it."""
    old: Item = draw(ITEMS)
    new: Item = copy_value({"M": old})["M"]
    for _ in range(draw(st.integers(1, 3))):
        place: Any = new
        while True:
            inner = [
                value[tag]
                for value in (place.values() if isinstance(place, dict) else place)
                for tag in value
                if tag in ("M", "L") and value[tag]
            ]
            if not inner or draw(st.booleans()):
                break
            place = draw(st.sampled_from(inner))
        if isinstance(place, dict):
            place[draw(NAMES)] = draw(VALUES)
        else:
            place[draw(st.integers(0, len(place) - 1))] = draw(VALUES)
            if draw(st.booleans()):
                place.append(draw(VALUES))
    return old, new


PAIRS = st.one_of(st.tuples(ITEMS, ITEMS), _edited())


def _applied(update: Update, item: Item) -> Item:
    return apply_update(update, item).item if update.actions else item


def _cost(update: Update) -> int:
    return sum(map(action_cost_bytes, update.actions))


@given(PAIRS)
def test_applied_to_the_old_item_it_gives_the_new_one(pair: tuple[Item, Item]) -> None:
    old, new = pair

    update = minimal_update(old, new)

    assert same_item(_applied(update, old), new)
    assert bool(update.actions) == (not same_item(old, new))


@given(PAIRS)
def test_its_paths_never_overlap(pair: tuple[Item, Item]) -> None:
    update = minimal_update(*pair)

    assume(update.actions)
    check_update(update)
    paths = [action.path.steps for action in update.actions]
    for position, one in enumerate(paths):
        for other in paths[position + 1 :]:
            shared = min(len(one), len(other))
            assert one[:shared] != other[:shared]


@given(PAIRS)
def test_it_is_never_larger_than_writing_the_changed_attributes_whole(pair: tuple[Item, Item]) -> None:
    assert _cost(minimal_update(*pair)) <= _cost(whole_attribute_update(*pair))


@given(PAIRS)
def test_writing_attributes_whole_gives_the_new_item_too(pair: tuple[Item, Item]) -> None:
    old, new = pair

    assert same_item(_applied(whole_attribute_update(old, new), old), new)


@given(ITEMS, st.data())
def test_updates_that_do_not_meet_merge_in_any_order(base: Item, data: st.DataObject) -> None:
    one, other = (minimal_update(base, data.draw(ITEMS)) for _ in range(2))
    for mine in one.actions:
        for theirs in other.actions:
            shared = min(len(mine.path.steps), len(theirs.path.steps))
            assume(mine.path.steps[:shared] != theirs.path.steps[:shared])

    assert same_item(_applied(other, _applied(one, base)), _applied(one, _applied(other, base)))


@given(PAIRS)
def test_neither_item_is_changed(pair: tuple[Item, Item]) -> None:
    old, new = pair
    before = copy_value({"M": old}), copy_value({"M": new})

    minimal_update(old, new)

    assert ({"M": old}, {"M": new}) == before
