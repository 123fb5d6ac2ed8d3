"""What editors infer; every line must pass in each checker."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, assert_type

from models import Order, Play, Profile, Score

from ddbmodel.expressions.tree import AddAction, Condition, DeleteAction, RemoveAction, SetAction
from ddbmodel.model import Attr, Index, Key

score = Score(game="tetris", player="ann", played_at=datetime.now(UTC))
order = Order(customer_id="c")
assert_type(score.points, int)
assert_type(score.nick, str | None)
assert_type(score.tags, set[str])
assert_type(Score.points, Attr[int])
assert_type(Score.points > 3, Condition)
assert_type(Score.bonus > 3, Condition)
assert_type(Score.points == 3, Condition)
assert_type((Score.points > 3) & ~(Score.game == "a") | Score.nick.not_exists(), Condition)
assert_type(Score.played_at.between(datetime.now(UTC), datetime.now(UTC)), Condition)
assert_type(Score.nick.begins_with("a"), Condition)
assert_type(Score.game.contains("a"), Condition)
assert_type(Score.tags.contains("a"), Condition)
assert_type(Score.game.is_in(["a", "b"]), Condition)
assert_type(Score.words.size() > 3, Condition)
assert_type(Score.points.add(1), AddAction)
assert_type(Score.bonus.add(1), AddAction)
assert_type(Score.price.add(1), AddAction)
assert_type(Score.tags.union({"a"}), AddAction)
assert_type(Score.tags.difference({"a"}), DeleteAction)
assert_type(Score.words.append("a"), SetAction)
assert_type(Score.points.set(1), SetAction | RemoveAction)
assert_type(Score.nick.set(None), SetAction | RemoveAction)
assert_type(Score.profile[Profile.city], Attr[str])
assert_type(Score.profile["city"], Attr[Any])
assert_type(Score.history[0], Attr[Play])
assert_type(Score.history[0][Play.points], Attr[int])
assert_type(Score.key(game="a", player="b"), Key[Score])
assert_type(Score.leaderboard, Index[Score])
assert_type(Score.from_item({}), Score)
