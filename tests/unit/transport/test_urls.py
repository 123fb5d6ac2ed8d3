"""Database URLs are known forms, and a mistake is told with them."""

from __future__ import annotations

import pytest

from ddbmodel.errors import InvalidUrl
from ddbmodel.transport.urls import check_url


@pytest.mark.parametrize(
    "url",
    [
        "memory:",
        "file:game.db",
        "file:/tmp/game.db",
        "http://localhost:8000",
        "https://db.example",
        "aws://eu-west-1",
        "aws://",
    ],
)
def test_a_known_form_is_accepted(url: str) -> None:
    check_url(url)


@pytest.mark.parametrize("url", ["", "game.db", "postgres://u:secret@h/db", "Memory:"])
def test_an_unknown_scheme_is_refused_with_the_known_forms_and_without_the_rest(url: str) -> None:
    with pytest.raises(InvalidUrl, match=r"'memory:'.*'file:PATH'.*'http://HOST:PORT'.*'aws://REGION'") as refused:
        check_url(url)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("memory:x", "stands alone"),
        ("http://[::1", "needs a host"),
        ("http://localhost:port", "a port number"),
        ("http://localhost:70000", "a port number"),
        ("file:", "needs a path"),
        ("file:///", "needs a path"),
        ("http://", "needs a host"),
        ("http://:80", "needs a host"),
        ("aws:eu-west-1", "by its region"),
        ("aws://eu-west-1/table", "by its region"),
    ],
)
def test_a_known_scheme_without_what_it_needs_is_refused(url: str, told: str) -> None:
    with pytest.raises(InvalidUrl, match=told):
        check_url(url)
