"""Writing, commenting and liking: each is one transaction, whoever else is at it."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel

from ddbmodel import AlreadyExists, Cache, CounterShard, Database, NotFound, ShardedCounter, UnitOfWork, collection
from examples.user_content.model import Comment, Like, Post

__all__ = ["Board", "Page"]

_EVERYTHING = collection(Post, Comment)


class Page(BaseModel):
    """A post as readers see it."""

    post_id: str
    author: str
    title: str
    text: str
    comments: list[str]
    likes: int


class Board:
    """Posts with comments and likes.

    Args:
        kept_for: how long a page may be shown with the likes that it had. A comment shows at once, unless the page is
            being put together at that very moment; then it shows as late.
    """

    def __init__(self, db: Database, *, kept_for: timedelta = timedelta(minutes=5)) -> None:
        self._db = db
        self._likes: ShardedCounter = db.sharded_counter("likes", shards=16)
        self._pages: Cache[Page] = db.cache("pages", Page, ttl=kept_for)
        self.rendered = 0
        """How many pages were put together, and not taken from the cache."""

    async def write(self, author: str, title: str, text: str) -> Post:
        """Publish a post."""
        post = Post(author=author, title=title, text=text)
        await self._db.create(post)
        return post

    async def comment(self, post_id: str, said_by: str, text: str) -> Comment:
        """Add a comment to a post, which counts them; `TransactionFailed` when there is no such post."""
        comment = Comment(post_id=post_id, said_by=said_by, text=text)
        async with self._db.transaction() as tx:
            tx.create(comment)
            tx.update(Post.key(post_id=post_id), Post.comments.add(1), upsert=False)
        await self._pages.delete(post_id)
        return comment

    async def like(self, post_id: str, user: str) -> bool:
        """Note that a user likes a post; return False where that is known.

        The like and its count are committed together. Thousands a second may like one post: the count is spread over
        several items, and each like is an item of its own.
        """

        async def do(unit: UnitOfWork) -> None:
            unit.add(Like(post_id=post_id, user=user))
            unit.increment(self._likes.shard(post_id), CounterShard.value)

        try:
            await self._db.run(do)
        except AlreadyExists:
            return False
        return True

    async def unlike(self, post_id: str, user: str) -> bool:
        """Take a like back; return False where there was none."""

        async def do(unit: UnitOfWork) -> bool:
            like = await unit.get(Like, post_id=post_id, user=user)
            if like is None:
                return False
            unit.delete(like)
            unit.increment(self._likes.shard(post_id), CounterShard.value, -1)
            return True

        return await self._db.run(do)

    async def page(self, post_id: str) -> Page:
        """Return a post as readers see it, from the cache where it is there; `NotFound` for no post.

        However many ask for a page that nobody has put together yet, one of them does.
        """
        return await self._pages.get_or_set(post_id, lambda: self._render(post_id))

    async def posts_of(self, author: str, count: int) -> list[Post]:
        """Return the newest posts of an author, the newest first."""
        return await self._db.query(Post.by_author, Post.author == author).descending().limit(count).all()

    async def _render(self, post_id: str) -> Page:
        self.rendered += 1
        post, said = None, []
        # One query reads the post and all its comments; likes lie behind them and are not read.
        async for item in self._db.query(_EVERYTHING, Post.post_id == post_id, Post.sk < "C").consistent():
            if isinstance(item, Post):
                post = item
            else:
                said.append(f"{item.said_by}: {item.text}")
        if post is None:
            raise NotFound("no post has this id")
        likes = await self._likes.total(post_id)
        return Page(post_id=post_id, author=post.author, title=post.title, text=post.text, comments=said, likes=likes)
