"""What is stored, under which keys: a post, its comments and its likes are one partition of one table."""

from __future__ import annotations

from datetime import datetime

from ddbmodel import Attr, Compressed, GlobalIndex, Model, attr, created_at, partition_key, sort_key, ttl, ulid, version

__all__ = ["Comment", "Like", "Post", "SignIn"]


class Post(Model, table="content", entity="post"):
    """What somebody wrote; first in its partition. Ids sort by time, and long texts are stored compressed."""

    pk: Attr[str] = partition_key("POST#{post_id}")
    sk: Attr[str] = sort_key("A#{post_id}")
    post_id: Attr[str] = attr(default_factory=ulid)
    author: Attr[str] = attr(min_length=1)
    title: Attr[str] = attr(min_length=1, max_length=200)
    text: Attr[str] = attr(codec=Compressed("gzip"))
    comments: Attr[int] = attr(default=0)
    written: Attr[datetime | None] = created_at()
    revision: Attr[int] = version()

    by_author = GlobalIndex(partition_key=author, sort_key=post_id)


class Comment(Model, table="content", entity="comment"):
    """What somebody said to a post; in the order of time."""

    pk: Attr[str] = partition_key("POST#{post_id}")
    sk: Attr[str] = sort_key("B#{comment_id}")
    post_id: Attr[str] = attr(stored=False)
    comment_id: Attr[str] = attr(stored=False, default_factory=ulid)
    said_by: Attr[str] = attr(min_length=1)
    text: Attr[str] = attr(min_length=1, max_length=2_000)


class Like(Model, table="content", entity="like"):
    """That somebody likes a post, once."""

    pk: Attr[str] = partition_key("POST#{post_id}")
    sk: Attr[str] = sort_key("C#{user}")
    post_id: Attr[str] = attr(stored=False)
    user: Attr[str] = attr(stored=False, min_length=1)


class SignIn(Model, table="sign-ins"):
    """Who holds a token, until a time; the service deletes it afterwards."""

    token: Attr[str] = partition_key()
    user: Attr[str] = attr()
    ends_at: Attr[datetime] = ttl()
