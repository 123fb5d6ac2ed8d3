"""Field codecs: how one field is stored when that is not how its type is stored; `Compressed` is the ready-made one.

A codec stands in a declaration, ``attr(codec=Compressed())`` or ``Attr[Annotated[str, Compressed()]]``. None, and an
absent attribute, never reach it. There are two kinds:

* a `FieldCodec` is written by users, and turns the Python value of the field into a plain stored value and back;
* a `WireCodec` turns the attribute value that the field would have into the one that is stored, so that it serves
  fields of every type; `Compressed` is one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from decimal import Decimal
from types import UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    Protocol,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    runtime_checkable,
)

import orjson

from ddbmodel.errors import ModelDefinitionError
from ddbmodel.model.scalars import Refused, binary_of
from ddbmodel.values.binary import to_base64
from ddbmodel.values.item_size import value_size_bytes
from ddbmodel.values.wire import AttributeValue

__all__ = ["AnyCodec", "Compressed", "CorruptValue", "FieldCodec", "Stored", "WireCodec", "declared_codec", "is_codec"]

T = TypeVar("T")

Stored: TypeAlias = "str | bytes | int | Decimal | bool | list[Any] | dict[str, Any] | set[str] | set[bytes]"
"""What a codec of users stores; numbers are given back as int, or as Decimal where they have a fraction."""


@runtime_checkable
class FieldCodec(Protocol[T]):
    """How the values of one field are stored; see `attr`.

    Attributes:
        deterministic: whether equal values are always stored as the same. Only then can conditions compare for
            equality; without it, the unit of work tells by decoding whether a value changed.
    """

    @property
    def deterministic(self) -> bool: ...

    def encode(self, value: T, /) -> Stored:
        """Return what is stored for a value of the field, which is never None; refuse it with a ValueError."""
        ...

    def decode(self, stored: Any, /) -> T:
        """Return the value of the field for what is stored, which may be older than the codec."""
        ...


@runtime_checkable
class WireCodec(Protocol):
    """How the attribute values of a field are stored, whatever its type.

    Attributes:
        deterministic: as for `FieldCodec`.
    """

    @property
    def deterministic(self) -> bool: ...

    def encode_wire(self, value: AttributeValue, /) -> AttributeValue:
        """Return what is stored instead of an attribute value; binary is base64 text, as in the JSON API."""
        ...

    def decode_wire(self, stored: AttributeValue, /) -> AttributeValue:
        """Return the attribute value that stands for what is stored; binary in either form.

        Raises:
            CorruptValue: it was not stored by this codec, or not as a whole.
        """
        ...


AnyCodec: TypeAlias = "FieldCodec[Any] | WireCodec"


class CorruptValue(ValueError):  # becomes a problem of ItemNotDecodable
    """What is stored is not what the codec stores; the text says how, without the value."""


# Four bytes stand before a zstd frame or a gzip member: these two, the algorithm, and what it is of (`_CONTENTS`).
_HEADER: Final = b"\xddb"
_ALGORITHMS: Final = {"zstd": b"z", "gzip": b"g"}
_HEADER_BYTES: Final = 4


class Compressed:
    """Stores a field as compressed binary, for long texts, binaries, and nested documents, lists or dicts.

    Small values, and those that do not get smaller, are stored as without it; and what was stored before the codec was
    declared is read. The algorithm may be changed: both are always read.
    """

    def __init__(
        self,
        algorithm: Literal["zstd", "gzip"] = "zstd",
        *,
        level: int | None = None,
        min_bytes: int = 256,
        max_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        """Declare how to compress.

        Args:
            algorithm: of what is written. zstd needs Python 3.14, or the package of ``ddbmodel[zstd]``.
            level: of the algorithm, more is smaller and slower; 1 to 22 of zstd, 1 to 9 of gzip.
            min_bytes: smaller values are stored uncompressed.
            max_bytes: the most that a value may have uncompressed: larger ones are refused when they are written, and
                when they are read, before they fill the memory.

        Raises:
            ModelDefinitionError: zstd is not installed, or an argument is out of range.
        """
        if algorithm not in _ALGORITHMS:
            raise ModelDefinitionError(f"Compressed: the algorithm is 'zstd' or 'gzip', got {algorithm!r}")
        highest = 22 if algorithm == "zstd" else 9
        if level is not None and not 1 <= level <= highest:
            raise ModelDefinitionError(f"Compressed: the level of {algorithm} is 1 to {highest}, got {level}")
        if min_bytes < 0 or max_bytes < 1:
            raise ModelDefinitionError(
                f"Compressed: min_bytes is at least 0 and max_bytes at least 1, got {min_bytes} and {max_bytes}"
            )
        self.algorithm: Literal["zstd", "gzip"] = algorithm
        self.level, self.min_bytes, self.max_bytes = level, min_bytes, max_bytes
        self._compress = _zstd_compressor(level) if algorithm == "zstd" else _gzip_compressor(level)

    @property
    def deterministic(self) -> bool:
        """False: another version of the algorithm writes other bytes for the same value."""
        return False

    def __repr__(self) -> str:
        return f"Compressed({self.algorithm!r})"

    def encode_wire(self, value: AttributeValue) -> AttributeValue:
        """Return the compressed binary of an attribute value, or the value itself where that is no larger."""
        tag, content = _content_of(value)
        if len(content) > self.max_bytes:
            raise Refused(f"longer than the {self.max_bytes} bytes that {self!r} takes; raise its max_bytes")
        # A binary of the user's that looks like one of ours is marked as what it is by compressing it.
        must = tag == b"B" and content.startswith(_HEADER)
        if len(content) < self.min_bytes and not must:
            return value
        made = _HEADER + _ALGORITHMS[self.algorithm] + tag + self._compress(content)
        return {"B": to_base64(made)} if must or len(made) < value_size_bytes(value) else value

    def decode_wire(self, stored: AttributeValue) -> AttributeValue:
        """Return the attribute value of a compressed binary; what was never compressed is as it is stored."""
        if "B" not in stored:
            return stored
        raw = binary_of(stored["B"])
        algorithm, tag = raw[2:3], raw[3:_HEADER_BYTES]
        if not raw.startswith(_HEADER) or algorithm not in _ALGORITHMS.values() or tag not in _CONTENTS:
            return stored
        expand = _zstd_expanded if algorithm == b"z" else _gzip_expanded
        content = expand(raw[_HEADER_BYTES:], self.max_bytes + 1)
        if content is None:
            raise CorruptValue("not whole, or not what was compressed")
        if len(content) > self.max_bytes:
            raise CorruptValue(
                f"more than {self.max_bytes} bytes when expanded; raise the max_bytes of its Compressed to read it"
            )
        try:
            return _CONTENTS[tag](content)
        except ValueError:
            raise CorruptValue("not what was compressed") from None


def is_codec(declared: object) -> bool:
    """Return whether what stands in a declaration is a codec."""
    return not isinstance(declared, type) and isinstance(declared, (FieldCodec, WireCodec))


def declared_codec(where: str, given: AnyCodec | None, metadata: Iterable[object], annotation: Any) -> AnyCodec | None:
    """Return the one codec of a field, None where it has none.

    Args:
        where: the field, for the error.
        given: the argument of ``attr``.
        metadata: what stands in the outermost ``Annotated``.
        annotation: what it stands around.

    Raises:
        ModelDefinitionError: there are several, something else stands in its place, or one is inside a list or dict.
    """
    if given is not None and not is_codec(given):
        raise ModelDefinitionError(
            f"{where}: a codec is an object with encode, decode and deterministic, got {_class_words(given)}; see "
            "FieldCodec"
        )
    found: list[Any] = [given] if given is not None else []
    found += [entry for entry in metadata if is_codec(entry)]
    inside = _optional_part(annotation)
    if get_origin(inside) is Annotated:
        found += [entry for entry in inside.__metadata__ if is_codec(entry)]
        inside = get_args(inside)[0]
    if _has_codec(inside):
        raise ModelDefinitionError(
            f"{where}: a codec stores a whole field, and this one is inside its type; write attr(codec=...), or give "
            "the parts a Document whose field has it"
        )
    if len(found) > 1:
        raise ModelDefinitionError(f"{where}: a field has one codec, got {', '.join(map(_class_words, found))}")
    return found[0] if found else None


def _optional_part(annotation: Any) -> Any:
    """Return what an optional type is when it is not None; other types as they are."""
    if get_origin(annotation) in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not type(None)]
        if len(parts) == 1:
            return parts[0]
    return annotation


def _has_codec(annotation: Any) -> bool:
    if get_origin(annotation) is Literal:
        return False
    own = annotation.__metadata__ if get_origin(annotation) is Annotated else ()
    return any(map(is_codec, own)) or any(map(_has_codec, get_args(annotation)))


def _class_words(codec: object) -> str:
    return f"the class {codec.__name__}" if isinstance(codec, type) else type(codec).__name__


def _content_of(value: AttributeValue) -> tuple[bytes, bytes]:
    if "S" in value:
        try:
            return b"S", value["S"].encode()
        except UnicodeEncodeError:
            raise Refused("a text is not valid Unicode (it holds half of a surrogate pair)") from None
    if "B" in value:
        return b"B", binary_of(value["B"])
    try:
        return b"J", orjson.dumps(value)
    except orjson.JSONEncodeError:
        raise Refused("a text in it is not valid Unicode, or it is nested too deep") from None


def _from_json(content: bytes) -> AttributeValue:
    value = orjson.loads(content)
    if not isinstance(value, dict):
        raise ValueError("not an attribute value")
    return value


_CONTENTS: Final[dict[bytes, Callable[[bytes], AttributeValue]]] = {
    b"S": lambda content: {"S": content.decode()},
    b"B": lambda content: {"B": to_base64(content)},
    b"J": _from_json,
}


def _zstd() -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]  # of Python 3.14
    except ImportError:
        try:
            from backports import zstd
        except ImportError:
            return None
    return zstd


def _zstd_compressor(level: int | None) -> Callable[[bytes], bytes]:
    zstd = _zstd()
    if zstd is None:
        raise ModelDefinitionError(
            "Compressed: zstd is part of Python 3.14 and not installed here; install ddbmodel[zstd], or use "
            "Compressed('gzip')"
        )

    def compress(content: bytes) -> bytes:
        made: bytes = zstd.compress(content, level)
        return made

    return compress


def _gzip_compressor(level: int | None) -> Callable[[bytes], bytes]:
    def compress(content: bytes) -> bytes:
        # The form of gzip, whose header has no time then.
        work = zlib.compressobj(-1 if level is None else level, wbits=31)
        return work.compress(content) + work.flush()

    return compress


def _zstd_expanded(data: bytes, limit_bytes: int) -> bytes | None:
    """Return what was compressed, at most so much of it; None when the data is not whole."""
    zstd = _zstd()
    if zstd is None:
        raise CorruptValue("compressed with zstd, which is not installed here; install ddbmodel[zstd]")
    # A frame may ask for a window of gigabytes; that of the highest level is enough, unless more may be expanded.
    window = max(27, min(31, (limit_bytes - 1).bit_length()))
    work = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: window})
    try:
        content: bytes = work.decompress(data, max_length=limit_bytes)
    except zstd.ZstdError:
        return None
    return content if len(content) == limit_bytes or (work.eof and not work.unused_data) else None


def _gzip_expanded(data: bytes, limit_bytes: int) -> bytes | None:
    work = zlib.decompressobj(wbits=31)
    try:
        content = work.decompress(data, limit_bytes)
    except zlib.error:
        return None
    return content if len(content) == limit_bytes or (work.eof and not work.unused_data) else None
