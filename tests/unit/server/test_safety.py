"""Who may start a server, with which secrets, and who may ask it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddbmodel.server.browsers import Browsers
from ddbmodel.server.credentials import CredentialsRefused, read_credentials
from ddbmodel.server.settings import ServerSettings, UnsafeSettings, check_safe

FILE, PAIR = Path("keys"), (Path("cert"), Path("key"))
SECRET = "wJalrXUtnFEMI-CANARY"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.8.9.1"])
def test_this_machine_is_served_without_more(host: str) -> None:
    check_safe(ServerSettings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "db.internal", "localhost.evil.test"])
@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, "--credentials FILE and --tls CERT KEY"),
        ({"credentials": FILE}, "--tls CERT KEY"),
        ({"tls": PAIR}, "--credentials FILE"),
    ],
)
def test_other_machines_are_served_only_with_credentials_and_tls(host: str, settings: dict, missing: str) -> None:
    with pytest.raises(UnsafeSettings, match=f"without {missing} anybody"):
        check_safe(ServerSettings(host=host, **settings))

    check_safe(ServerSettings(host=host, insecure=True, **settings))
    check_safe(ServerSettings(host=host, credentials=FILE, tls=PAIR))


def credentials_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "keys"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_every_section_of_a_credentials_file_is_an_access_key(tmp_path: Path) -> None:
    path = credentials_file(
        tmp_path,
        f"[old]\naws_access_key_id = A1\naws_secret_access_key = {SECRET}\n"
        f"[new]\naws_access_key_id=A2\naws_secret_access_key=s%2#\naws_session_token=t\n",
    )

    known = read_credentials(path)

    assert [(k, c.secret, c.session_token) for k, c in known.items()] == [("A1", SECRET, None), ("A2", "s%2#", "t")]
    assert SECRET not in repr(known)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_credentials_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    path = credentials_file(tmp_path, f"[a]\naws_access_key_id=A\naws_secret_access_key={SECRET}\n", mode)

    with pytest.raises(CredentialsRefused, match="chmod 600"):
        read_credentials(path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[a]\n",
        "[a]\naws_access_key_id=A\n",
        f"{SECRET}\n",
        f"[a]\n{SECRET}\n",
        f"[a]\naws_access_key_id=A/B\naws_secret_access_key={SECRET}\n",
        f"[a]\naws_access_key_id=A\naws_secret_access_key={SECRET}\n" * 2,
        "[a]\naws_access_key_id=A\naws_secret_access_key=s\n[b]\naws_access_key_id=A\naws_secret_access_key=t\n",
    ],
)
def test_what_is_wrong_with_a_credentials_file_is_said_without_its_secrets(tmp_path: Path, text: str) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        read_credentials(credentials_file(tmp_path, text))

    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_credentials_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CredentialsRefused, match="cannot be read: FileNotFoundError"):
        read_credentials(tmp_path / "missing")


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LOCALHOST:1",
        "a.localhost:80",
        "127.0.0.1:8000",
        "[::1]:8000",
        "10.0.0.7",
        "db:80",
    ],
)
def test_names_of_this_machine_addresses_and_listed_names_are_answered(host: str) -> None:
    browsers = Browsers(["DB"], [], any_host=False)

    assert browsers.allows_host(host)
    assert browsers.allows_host(host)


@pytest.mark.parametrize(
    "host", [None, "", "evil.test", "evil.test:8000", "localhost.evil.test", "127.0.0.1.evil.test", "1"]
)
def test_other_names_are_not_since_they_may_have_been_made_to_point_here(host: str | None) -> None:
    assert not Browsers(["db"], [], any_host=False).allows_host(host)


def test_a_server_that_checks_signatures_need_not_look_at_names() -> None:
    assert Browsers([], [], any_host=True).allows_host("db.example.com")


@pytest.mark.parametrize(
    ("allowed", "origin", "fetch_site", "answer"),
    [
        ([], None, None, True),
        ([], None, "none", True),
        ([], None, "cross-site", False),
        ([], None, "same-site", False),
        ([], "http://localhost:3000", "same-site", False),
        ([], "null", None, False),
        (["http://localhost:3000"], "http://localhost:3000", "same-site", True),
        (["http://localhost:3000"], "http://localhost:3001", None, False),
        (["http://localhost:3000"], "http://localhost:3000.evil.test", None, False),
        (["*"], "http://anything.test", "cross-site", True),
        (["*"], "null", None, False),
        (["null"], "null", None, True),
    ],
)
def test_a_page_may_ask_only_from_an_allowed_origin(
    allowed: list[str], origin: str | None, fetch_site: str | None, answer: bool
) -> None:
    assert Browsers([], allowed, any_host=False).allows_origin(origin, fetch_site) is answer
