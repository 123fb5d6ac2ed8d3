"""Finds models by what the command line calls them: ``myapp.models``, or ``myapp.models:Order`` for one of them."""

from __future__ import annotations

import importlib
import os
import sys
from types import ModuleType
from typing import TypeGuard

from ddbmodel.model import Model
from ddbmodel.model.settings import ModelSettings

__all__ = ["CannotLoad", "models_named"]


class CannotLoad(Exception):
    """What the command line names is not there, or is no model."""


def models_named(names: list[str]) -> list[type[Model]]:
    """Return the models, each once; of a module all that have a table.

    The current directory is searched for modules, as ``python -m`` does.

    Raises:
        CannotLoad: no such module, no such name in it, or no model.
    """
    found: dict[type[Model], None] = {}
    for name in names:
        module_name, colon, attribute = name.partition(":")
        module = _imported(module_name)
        models = [_model(module, attribute)] if colon else _models_of(module)
        found.update(dict.fromkeys(models))
    return list(found)


def _imported(name: str) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise CannotLoad(f"{name!r} is not the name of a module; write it as in 'import myapp.models'")
    here = os.getcwd()
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise CannotLoad(f"there is no module {name!r} here; name it as in 'import {name}'") from error
        raise CannotLoad(f"{name} cannot be imported: {error}") from error


def _model(module: ModuleType, name: str) -> type[Model]:
    found = getattr(module, name, None)
    if not _has_table(found):
        what = "nothing of that name" if found is None else "no model with a table"
        raise CannotLoad(f"{module.__name__}:{name} is {what}; the models there are {_listed(module)}")
    return found


def _models_of(module: ModuleType) -> list[type[Model]]:
    models = [value for value in vars(module).values() if _has_table(value)]
    if not models:
        raise CannotLoad(f"{module.__name__} has no model with a table; declare one with class ...(Model, table='...')")
    return models


def _has_table(value: object) -> TypeGuard[type[Model]]:
    settings: ModelSettings | None = getattr(value, "__ddb_settings__", None)
    return isinstance(value, type) and issubclass(value, Model) and settings is not None and settings.table is not None


def _listed(module: ModuleType) -> str:
    return ", ".join(name for name, value in vars(module).items() if _has_table(value)) or "none"
