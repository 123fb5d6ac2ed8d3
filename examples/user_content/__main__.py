"""``python -m examples.user_content``: a post that 500 users read and like at the same time."""

from __future__ import annotations

import asyncio
import time

from rich.console import Console
from rich.table import Table

from ddbmodel import CacheEntry, CounterShard, Database
from examples.user_content.board import Board
from examples.user_content.model import Comment, Like, Post, SignIn
from examples.user_content.sign_ins import sign_in, user_of

READERS = 500
console = Console()


async def main() -> None:
    """Write, comment, like and read, and show what the cache and the counter did."""
    async with Database.connect("memory:") as db:
        await db.create_tables(Post, Comment, Like, SignIn, CounterShard, CacheEntry)
        board = Board(db)
        tokens = [await sign_in(db, f"user {number:03d}") for number in range(READERS)]
        post = await board.write("ann", "Why our tests run in memory", "Because the engine is the database. " * 300)
        await board.comment(post.post_id, "ben", "and on a file?")
        await board.comment(post.post_id, "ann", "the same program")

        async def visit(token: str) -> None:
            user = await user_of(db, token)
            assert user is not None
            await board.page(post.post_id)
            # Impatient users click twice.
            await asyncio.gather(board.like(post.post_id, user), board.like(post.post_id, user))

        began_s = time.perf_counter()
        await asyncio.gather(*map(visit, tokens))
        took_s = time.perf_counter() - began_s
        rendered = board.rendered
        await board.comment(post.post_id, "carl", "convinced")
        page = await board.page(post.post_id)
        shards = [shard.value async for shard in db.scan(CounterShard)]

    table = Table(title=f"“{page.title}” by {page.author}", show_header=False)
    table.add_row("comments", "\n".join(page.comments))
    table.add_row("likes", f"{page.likes} of {READERS} readers, who clicked {2 * READERS} times")
    table.add_row("spread over", f"{len(shards)} items, the busiest with {max(shards)}")
    table.add_row("pages put together", f"{rendered} for {READERS} readers")
    table.add_row("took", f"{took_s:.2f} s")
    console.print(table)


if __name__ == "__main__":
    asyncio.run(main())
