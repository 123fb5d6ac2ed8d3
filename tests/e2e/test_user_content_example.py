"""The example of user content: likes counted once, pages kept for a while, sign-ins that end; on every backend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from ddbmodel import CacheEntry, CounterShard, Database, NotFound, TransactionFailed
from examples.user_content import model
from examples.user_content.__main__ import main
from examples.user_content.board import Board
from examples.user_content.sign_ins import sign_in, sign_out, user_of

MODELS = (model.Post, model.Comment, model.Like, model.SignIn, CounterShard, CacheEntry)


@pytest.fixture
async def content(db: Database) -> AsyncIterator[Database]:
    """A database with the example's tables, which are dropped again: servers are shared."""
    await db.create_tables(*MODELS)
    yield db
    for table in {each.__ddb_schema__.table for each in MODELS}:
        await db.executor.execute("DeleteTable", {"TableName": table})


async def test_a_page_has_the_comments_in_order_and_shows_a_new_one_at_once(content: Database) -> None:
    board = Board(content)
    post = await board.write("ann", "title", "text " * 500)
    await board.comment(post.post_id, "ben", "first")
    assert (await board.page(post.post_id)).comments == ["ben: first"]
    await board.comment(post.post_id, "carl", "second")

    page = await board.page(post.post_id)

    assert page.comments == ["ben: first", "carl: second"]
    assert (page.text, board.rendered) == ("text " * 500, 2)
    assert (await content.get_or_raise(model.Post, post_id=post.post_id)).comments == 2


async def test_a_like_counts_once_however_often_it_comes(content: Database, backend: str) -> None:
    if backend == "moto":
        pytest.skip("moto 5.1 serves each request in a thread and locks nothing, so that transactions do not exclude")
    board = Board(content)
    post = await board.write("ann", "title", "text")
    users = [f"user {number}" for number in range(8)]

    liked = await asyncio.gather(*(board.like(post.post_id, user) for user in users * 2))
    taken_back = await asyncio.gather(*(board.unlike(post.post_id, users[0]) for _ in range(2)))

    assert sorted(liked) == [False] * 8 + [True] * 8
    assert sorted(taken_back) == [False, True]
    assert (await board.page(post.post_id)).likes == 7
    assert await content.scan(model.Like).count() == 7


async def test_readers_at_one_time_are_given_one_page_that_was_put_together_once(content: Database) -> None:
    board = Board(content)
    post = await board.write("ann", "title", "text")

    pages = await asyncio.gather(*(board.page(post.post_id) for _ in range(20)))

    assert board.rendered == 1
    assert {page.title for page in pages} == {"title"}
    with pytest.raises(NotFound):
        await board.page("nothing")
    with pytest.raises(TransactionFailed):
        await board.comment("nothing", "ben", "to whom?")


async def test_the_posts_of_an_author_are_newest_first(content: Database) -> None:
    board = Board(content)
    for title in ("one", "two", "three"):
        await board.write("ann", title, "text")
    await board.write("ben", "other", "text")

    assert [post.title for post in await board.posts_of("ann", 2)] == ["three", "two"]


async def test_a_token_is_somebodys_until_its_time_is_over(content: Database) -> None:
    token = await sign_in(content, "ann")
    over = await sign_in(content, "ben", timedelta(seconds=-1))

    assert await user_of(content, token) == "ann"
    assert await user_of(content, over) is None
    await sign_out(content, token)
    assert await user_of(content, token) is None


async def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    await main()
    said = capsys.readouterr().out
    assert "500 of 500 readers, who clicked 1000 times" in said
    assert "1 for 500 readers" in said
