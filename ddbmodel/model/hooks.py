"""Hooks: methods of a model that are awaited before and after its writes, and after it was loaded.

```
class Order(Model, table="orders"):
    @before_write
    async def price(self) -> None: ...              # writes of objects; may change self, or refuse by raising

    @after_write
    @classmethod
    async def tell(cls, write: Write[Self]) -> None: ...   # every write, those by key too: write.instance is None then

    @after_load
    async def unlock(self) -> None: ...
```
A plain function (no ``async``) works too. A hook that a write cannot run, because there is no object to run it on,
refuses the write before anything is sent; no hook is ever skipped.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeAlias, TypeVar

from ddbmodel.errors import ModelDefinitionError

if TYPE_CHECKING:
    from ddbmodel.expressions.tree import UpdateAction
    from ddbmodel.model.base import Model
    from ddbmodel.model.key import Key

__all__ = ["Hook", "HookKind", "Hooks", "Write", "after_load", "after_write", "before_write", "hooks_of"]

M_co = TypeVar("M_co", bound="Model", covariant=True)
F = TypeVar("F")

HookKind: TypeAlias = Literal["before_write", "after_write", "after_load"]

_MARK: Final = "__ddb_hook__"
_ATTRIBUTE: Final = "__ddb_hooks__"


@dataclass(frozen=True, slots=True)
class Write(Generic[M_co]):
    """What a hook of the class is told about a write.

    Attributes:
        instance: the object that is written; after an update by key what the item is now; else None.
        actions: those of an update, without what the library adds to it.
    """

    purpose: Literal["create", "put", "update", "delete"]
    key: Key[M_co]
    instance: M_co | None = None
    actions: tuple[UpdateAction, ...] = ()


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook: a function of the instance, or of the class and a `Write`."""

    name: str
    function: Callable[..., Any]
    of_class: bool

    async def call(self, model: type[Any], write: Write[Any]) -> None:
        """Run it, and wait for it."""
        outcome: Awaitable[object] | None
        outcome = self.function(model, write) if self.of_class else self.function(write.instance)
        if inspect.isawaitable(outcome):
            await outcome


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks of a model, those of its bases first."""

    before_write: tuple[Hook, ...] = ()
    after_write: tuple[Hook, ...] = ()
    after_load: tuple[Hook, ...] = ()

    @property
    def of_writes(self) -> bool:
        """Whether writes must run any."""
        return bool(self.before_write or self.after_write)


def before_write(method: F) -> F:
    """Mark a method that is awaited before every write of the model; what it raises stops the write."""
    return _marked("before_write", method)


def after_write(method: F) -> F:
    """Mark a method that is awaited after every write of the model that succeeded."""
    return _marked("after_write", method)


def after_load(method: F) -> F:
    """Mark a method that is awaited whenever the library has read an item and made an object of it."""
    return _marked("after_load", method)


def hooks_of(model: type[Any]) -> Hooks:
    """Return the hooks of a model.

    Raises:
        ModelDefinitionError: a hook that cannot work.
    """
    hooks: Hooks | None = model.__dict__.get(_ATTRIBUTE)
    if hooks is None:
        hooks = _collected(model)
        type.__setattr__(model, _ATTRIBUTE, hooks)
    return hooks


def _collected(model: type[Any]) -> Hooks:
    found: dict[str, list[Hook]] = {"before_write": [], "after_write": [], "after_load": []}
    # The most derived definition of a name counts, in the place where the name first stood.
    names = dict.fromkeys(name for base in reversed(model.__mro__) for name in base.__dict__)
    for name in names:
        member = next(base.__dict__[name] for base in model.__mro__ if name in base.__dict__)
        of_class = isinstance(member, classmethod)
        function = member.__func__ if of_class else member
        kind = getattr(function, _MARK, None) if inspect.isfunction(function) else None
        if kind is None:
            continue
        if kind == "after_load" and of_class:
            raise ModelDefinitionError(f"{model.__name__}.{name}: after_load is for methods of the loaded object")
        found[kind].append(Hook(name, function, of_class))
    return Hooks(*(tuple(found[kind]) for kind in ("before_write", "after_write", "after_load")))


def _marked(kind: HookKind, method: F) -> F:
    function = method.__func__ if isinstance(method, classmethod) else method
    if not inspect.isfunction(function):
        raise ModelDefinitionError(f"{kind} marks methods and class methods, got a {type(method).__name__}")
    expected = 2 if isinstance(method, classmethod) else 1
    if len(inspect.signature(function).parameters) != expected:
        takes = "(cls, write)" if expected == 2 else "(self)"
        raise ModelDefinitionError(f"{function.__qualname__}: a {kind} hook takes {takes}")
    setattr(function, _MARK, kind)
    return method
