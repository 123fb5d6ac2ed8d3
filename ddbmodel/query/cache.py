"""A read-through cache in a table: values by text, each until its time is over, made once however many ask for it.

| who asks for a value that is not there | what happens |
|---|---|
| the first | it is made, and stored until its time is over |
| others in this process, meanwhile | they wait for the first, and are given the same value, or the same error |
| other processes, meanwhile | each makes it too; the last one stored stays |

An entry whose time is over is absent at once, although the service deletes it later. Errors are not kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from ddbmodel.errors import InvalidRequest, ItemNotDecodable, ValueNotStorable
from ddbmodel.model import Attr, Model, attr, partition_key, ttl
from ddbmodel.model.field_codecs import Compressed
from ddbmodel.query.hooks import load
from ddbmodel.query.item_requests import delete_write, get_request, put_write
from ddbmodel.query.sending import send_write
from ddbmodel.query.single_flight import SingleFlight
from ddbmodel.query.visibility import HIDE_ALL, is_visible
from ddbmodel.transport.executor import Executor, service_time_s

__all__ = ["Cache", "CacheEntry"]

T = TypeVar("T")


class CacheEntry(Model, table="ddbmodel-cache"):
    """A value of a cache, as JSON; subclass it to keep a cache in another table."""

    entry_id: Attr[str] = partition_key("{cache}#{entry}", escape=True)
    cache: Attr[str] = attr(stored=False)
    entry: Attr[str] = attr(stored=False)
    value: Attr[str] = attr(codec=Compressed("gzip", min_bytes=1024))
    expires_at: Attr[datetime] = ttl()


class Cache(Generic[T]):
    """Values of one type by text.

    Every caller is given a value of its own, decoded anew, so that changing one changes no other's.
    """

    def __init__(
        self,
        executor: Executor,
        name: str,
        value_type: type[T] | TypeAdapter[T],
        *,
        ttl: timedelta,
        model: type[CacheEntry] = CacheEntry,
        under_way: SingleFlight[str] | None = None,
    ) -> None:
        """Bind the entries of a name.

        Args:
            under_way: what other caches of the name in this process are making; see `Database.cache`.
            value_type: anything that pydantic validates and writes as JSON; a ``TypeAdapter`` for what is no class.
            ttl: how long a value is kept, in whole seconds, rounded up.
            model: whose table keeps the entries.

        Raises:
            InvalidRequest: no name, or a time that is not above 0.
        """
        if not isinstance(name, str) or not name:
            raise InvalidRequest("a cache needs a name of at least one character")
        self._executor, self._name, self._model = executor, name, model
        self._ttl = self._checked(ttl)
        self._adapter: TypeAdapter[T] = value_type if isinstance(value_type, TypeAdapter) else TypeAdapter(value_type)
        self._under_way = under_way or SingleFlight[str]()

    async def get(self, entry: str) -> T | None:
        """Return the value of an entry, None where there is none or its time is over.

        A value may be a None that was stored; `get_or_set` tells the two apart.

        Raises:
            ItemNotDecodable: the stored value is of another type; `delete` it, or name the cache otherwise.
        """
        text = await self._read(entry)
        return None if text is None else self._decoded(text)

    async def get_or_set(self, entry: str, make: Callable[[], Awaitable[T]], *, ttl: timedelta | None = None) -> T:
        """Return the value of an entry; where there is none, make and store it.

        While it is being made every other call for the same entry in this process waits for it. A caller that is
        cancelled does not stop the others; when all are, the making is cancelled too.

        Args:
            make: a coroutine function without arguments; its error is raised to all who wait, and not kept.
            ttl: how long this value is kept, where that is not the cache's.

        Raises:
            ValueNotStorable: what was made is not of the cache's type; `ItemTooLarge` above 400 KB.
            ItemNotDecodable: the stored value is of another type.
        """
        kept_for = self._ttl if ttl is None else self._checked(ttl)
        self._check_entry(entry)
        what = self._model, self._name, entry
        text = await self._under_way.do(what, lambda: self._read_or_make(entry, make, kept_for))
        return self._decoded(text)

    async def set(self, entry: str, value: T, *, ttl: timedelta | None = None) -> None:
        """Store a value, whatever was there.

        Raises:
            ValueNotStorable: it is not of the cache's type; `ItemTooLarge` above 400 KB.
        """
        await self._store(entry, self._encoded(value), self._ttl if ttl is None else self._checked(ttl))

    async def delete(self, entry: str) -> None:
        """Forget a value; one that is not there is fine."""
        self._check_entry(entry)
        await send_write(self._executor, delete_write(self._model.key(cache=self._name, entry=entry)))

    async def _read_or_make(self, entry: str, make: Callable[[], Awaitable[T]], kept_for: timedelta) -> str:
        text = await self._read(entry)
        if text is None:
            text = self._encoded(await make())
            await self._store(entry, text, kept_for)
        return text

    async def _read(self, entry: str) -> str | None:
        self._check_entry(entry)
        key = self._model.key(cache=self._name, entry=entry)
        item = (await self._executor.execute("GetItem", get_request(key, consistent=True))).get("Item")
        if item is None or not is_visible(self._model, item, HIDE_ALL, service_time_s(self._executor)):
            return None
        return (await load(self._model, item)).value

    async def _store(self, entry: str, text: str, kept_for: timedelta) -> None:
        self._check_entry(entry)
        # A time to live is in whole seconds, and over as soon as its second is there.
        ends_s = -int(-(service_time_s(self._executor) + kept_for.total_seconds()) // 1)
        expires_at = datetime.fromtimestamp(ends_s, UTC)
        written = self._model(cache=self._name, entry=entry, value=text, expires_at=expires_at)
        await send_write(self._executor, put_write(written))

    def _encoded(self, value: T) -> str:
        try:
            text = self._adapter.dump_json(value, warnings="error").decode()
            self._adapter.validate_json(text)
        except (ValueError, TypeError):
            # Not chained: pydantic's messages show the value.
            rule = f"a {type(value).__name__} does not become JSON that is read back as the type of this cache"
            raise ValueNotStorable(f"cache {self._name!r}", "", rule) from None
        return text

    def _decoded(self, text: str) -> T:
        try:
            return self._adapter.validate_json(text)
        except ValidationError as error:
            problems = [(".".join(map(str, each["loc"])), each["type"]) for each in error.errors(include_input=False)]
            raise ItemNotDecodable(f"cache {self._name!r}", problems) from None

    def _check_entry(self, entry: str) -> None:
        if not isinstance(entry, str) or not entry:
            got: Any = type(entry).__name__ if entry != "" else "an empty text"
            raise InvalidRequest(f"cache {self._name!r}: an entry is named by a text that is not empty, got {got}")

    def _checked(self, ttl: timedelta) -> timedelta:
        if not isinstance(ttl, timedelta) or ttl <= timedelta(0):
            raise InvalidRequest(f"cache {self._name!r}: ttl= is a timedelta above 0, got {type(ttl).__name__}")
        return ttl
