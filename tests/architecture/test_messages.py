"""Every text that the engine refuses a request with is in one table, with its source."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ddbmodel.engine import messages
from ddbmodel.engine.messages.message import Message

ENGINE = Path(messages.__file__).parents[1]


def all_messages() -> Iterator[tuple[str, Message]]:
    for module in pkgutil.iter_modules(messages.__path__):
        contents = vars(importlib.import_module(f"{messages.__name__}.{module.name}"))
        for name, value in contents.items():
            for each in value.values() if isinstance(value, dict) else (value,):
                if isinstance(each, Message):
                    yield f"{module.name}.{name}", each


@pytest.mark.parametrize(("name", "message"), [pytest.param(n, m, id=n) for n, m in all_messages()])
def test_a_message_says_where_its_text_was_seen(name: str, message: Message) -> None:
    assert len(message.source) > 10


def test_no_text_of_a_refusal_is_outside_the_table() -> None:
    outside = [
        f"{path.relative_to(ENGINE)}:{number}"
        for path in sorted(ENGINE.rglob("*.py"))
        if "messages" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"service_error\(\s*f?\"", line)
    ]

    assert outside == []
