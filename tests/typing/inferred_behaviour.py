"""What models declare beside their fields, and the rest of what they offer; every line must pass in each checker."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, assert_type
from uuid import UUID

from models import Invoice, Profile, Score

from ddbmodel import (
    Attr,
    AutoScale,
    ByModel,
    Checkpoint,
    Compressed,
    Database,
    FieldCodec,
    FileCheckpoint,
    LocalIndex,
    MigrationReport,
    Model,
    OnDemand,
    Provisioned,
    Unique,
    Write,
    after_load,
    after_write,
    attr,
    before_write,
    by_model,
    created_at,
    deleted_at,
    migrates,
    partition_key,
    sort_key,
    ulid,
    updated_at,
    uuid7,
)
from ddbmodel.expressions.tree import Condition, SetAction
from ddbmodel.model import Key
from ddbmodel.model.field_codecs import Stored
from ddbmodel.values.wire import AttributeValue, Item


class Reversed:
    """A codec of a user's own."""

    deterministic = True

    def encode(self, value: str, /) -> Any:
        return value[::-1]

    def decode(self, stored: Any, /) -> str:
        return str(stored)[::-1]


codec: FieldCodec[str] = Reversed()
compressed = Compressed("gzip", level=6)
assert_type(compressed.encode_wire({"S": "a"}), AttributeValue)
assert_type(compressed.decode_wire({"S": "a"}), AttributeValue)
assert_type(compressed.deterministic, bool)


def _codec(codec: FieldCodec[str]) -> None:
    assert_type(codec.encode("a"), Stored)
    assert_type(codec.decode("a"), str)
    assert_type(codec.deterministic, bool)


class User(
    Model,
    table="users",
    billing=OnDemand(max_read=10),
    table_class="STANDARD",
    deletion_protection=True,
    tags={"team": "a"},
    stream=True,
    schema_version=2,
    guard="changed",
):
    tenant: Attr[str] = partition_key()
    user_id: Attr[str] = sort_key(default_factory=ulid)
    other_id: Attr[UUID] = attr(default_factory=uuid7)
    email: Attr[str] = attr(unique=True)
    text: Attr[str] = attr(codec=Compressed())
    secret: Attr[str] = attr(codec=codec)
    made: Attr[datetime | None] = created_at()
    changed_at: Attr[datetime | None] = updated_at()
    gone: Attr[datetime | None] = deleted_at()

    # ClassVar is for pydantic's plugin of mypy, which takes every assignment without a type for a field.
    by_email: ClassVar = LocalIndex(sort_key=email)
    one_email: ClassVar = Unique(tenant, email)

    @before_write
    async def prepare(self) -> None:
        assert_type(self.email, str)

    @after_write
    @classmethod
    async def tell(cls, write: Write[User]) -> None:
        assert_type(write.key, Key[User])
        assert_type(write.instance, User | None)

    @after_load
    async def fill(self) -> None:
        self.email = self.email.lower()


class Steady(Model, table="steady", billing=Provisioned(read=1, write=2)):
    steady_id: Attr[str] = partition_key()


class Following(Model, table="following", billing=AutoScale(read=(1, 10), write=(1, 10))):
    following_id: Attr[str] = partition_key()


@migrates(User, 1, 2)
def with_email(item: dict[str, Any]) -> dict[str, Any]:
    return {**item, "email": ""}


user = User(tenant="t", email="e", text="", secret="")
assert_type(with_email({}), dict[str, Any])
assert_type(user.made, datetime | None)
assert_type(user.other_id, UUID)
assert_type(ulid(), str)
assert_type(uuid7(), UUID)
assert_type(user.item_key(), Key[User])
assert_type(User.key_of_item({}), Key[User])
assert_type(user.to_item(binary=True), Item)
assert_type(User.from_item({}), User)
assert_type(User.email.set_if_absent("a"), SetAction)
assert_type(Score.words.prepend("a"), SetAction)
assert_type(User.email.attribute_type("S"), Condition)
assert_type(User.email.changed(to="a", from_="b"), Condition)
assert_type(User.email.encode("a"), AttributeValue)
assert_type(User.email.decode({"S": "a"}), Any)
assert_type(Profile.model_rebuild(), bool | None)


class Keeper:
    """A checkpoint of a user's own."""

    async def load(self) -> dict[str, Any] | None:
        return None

    async def save(self, state: dict[str, Any]) -> None:
        return None


async def _migrations(db: Database) -> None:
    keeper: Checkpoint = Keeper()
    assert_type(await db.migrate(User, checkpoint=keeper, dry_run=True), MigrationReport)
    file: FileCheckpoint = FileCheckpoint("path")
    assert_type(await file.save({}), None)
    assert_type(await file.load(), dict[str, Any] | None)
    assert_type(await keeper.load(), dict[str, Any] | None)
    assert_type(await keeper.save({}), None)


def _sorted(items: list[Invoice | User]) -> None:
    found = by_model(items)
    assert_type(found, ByModel)
    assert_type(found[Invoice], list[Invoice])
