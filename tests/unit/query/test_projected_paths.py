"""A selected value is found again in the projected item."""

from __future__ import annotations

from ddbmodel.expressions.evaluate import value_at
from ddbmodel.expressions.project import project
from ddbmodel.expressions.tree import Path, Projection
from ddbmodel.query.projected_paths import projected_paths

ITEM = {"l": {"L": [{"M": {"a": {"N": "0"}}}, {"M": {"b": {"N": "1"}}}, {"M": {"a": {"N": "2"}}}]}}


def selected(*paths: Path) -> list[object]:
    places = projected_paths(paths)
    found = project(Projection(tuple(dict.fromkeys(path.asked for path in places))), ITEM)
    return [value_at(path.place, found) for path in places]


def test_an_element_without_the_selected_part_does_not_lend_its_place_to_another() -> None:
    assert selected(Path(("l", 1, "a")), Path(("l", 2, "a"))) == [None, {"N": "2"}]


def test_several_positions_of_one_list_are_found_in_the_order_asked() -> None:
    elements = ITEM["l"]["L"]

    assert selected(Path(("l", 2)), Path(("l", 0)), Path(("l", 9))) == [elements[2], elements[0], None]


def test_one_position_of_a_list_is_asked_for_alone() -> None:
    path = Path(("l", 2, "a"))

    (projected,) = projected_paths([path])

    assert projected.asked == path
    assert selected(path) == [{"N": "2"}]
