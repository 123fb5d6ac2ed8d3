"""How many facts a backend passes: asked one after another, on tables of their own."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import dataclass, field

from facts.backends import Embedded, OverHttp
from facts.form import CannotAsk, Fact, failure

__all__ = ["Measured", "measure_engine", "measure_server"]


@dataclass(slots=True)
class Measured:
    """What came of asking one backend every fact."""

    failed: dict[str, str] = field(default_factory=dict)
    """Facts that it does not pass: their ids with the difference in words."""
    failed_in_substance: set[str] = field(default_factory=set)
    """Those of them that it does not pass either when the words of errors do not count."""
    not_asked: set[str] = field(default_factory=set)
    """Facts that it has no way to be asked."""


def measure_engine(facts: tuple[Fact, ...], server: OverHttp) -> Measured:
    """Ask our engine in this process, and our server what is about HTTP."""
    measured = Measured()
    loop = asyncio.new_event_loop()
    try:
        for fact in facts:
            if fact.is_wire:
                server.forget()
                found = failure(fact, server)
            else:
                with closing(Embedded(loop)) as engine:
                    found = failure(fact, engine)
            if found is not None:
                measured.failed[fact.id] = found
                measured.failed_in_substance.add(fact.id)
    finally:
        loop.close()
    return measured


def measure_server(facts: tuple[Fact, ...], url: str) -> Measured:
    """Ask a server of others, over HTTP; what it does not pass a second time without looking at words."""
    measured = Measured()
    with closing(OverHttp(url)) as strict, closing(OverHttp(url, words_count=False)) as lenient:
        for fact in facts:
            try:
                found = _failure(fact, strict)
                if found is None:
                    continue
                measured.failed[fact.id] = found
                if fact.is_wire or _failure(fact, lenient) is not None:
                    measured.failed_in_substance.add(fact.id)
            except CannotAsk:
                measured.not_asked.add(fact.id)
        strict.forget()
    return measured


def _failure(fact: Fact, backend: OverHttp) -> str | None:
    backend.forget()
    try:
        return failure(fact, backend)
    except CannotAsk:
        raise
    except Exception as error:
        # An answer of another shape than the service's, such as one without an item that must be there.
        return f"{type(error).__name__}: {error}"
