"""The access keys that a server accepts: a file in the form that every AWS tool reads.

```ini
[default]
aws_access_key_id = AKIDEXAMPLE
aws_secret_access_key = ...
```
Each section is one access key; a second section with a new key beside the old one is how keys are rotated. A section
with ``aws_session_token`` is accepted with that token only. The file belongs to the user who serves, and nobody else
may read it.
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ddbmodel.errors import DdbModelError

__all__ = ["Credential", "CredentialsRefused", "read_credentials"]


class CredentialsRefused(DdbModelError):
    """The file of access keys cannot be used; what it says is never part of the message."""


@dataclass(frozen=True, slots=True)
class Credential:
    """One access key; its `repr` shows no secret."""

    access_key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)


def read_credentials(path: Path) -> Mapping[str, Credential]:
    """Return the credentials of a file by access key id.

    Raises:
        CredentialsRefused: it is not there, others may read it, or it does not hold access keys.
    """
    try:
        # The mode is that of the opened file, so that nothing can be put in its place in between.
        with path.open(encoding="utf-8") as file:
            _check_private(path, os.fstat(file.fileno()))
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsRefused(f"the credentials file {path} cannot be read: {type(error).__name__}") from error
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        # The parser's own message quotes the line, which may be a secret.
        raise CredentialsRefused(f"the credentials file {path} is not in the form of AWS's credentials file") from None
    found: dict[str, Credential] = {}
    for section in parser.sections():
        credential = _credential(path, section, parser[section])
        if credential.access_key_id in found:
            raise CredentialsRefused(f"the credentials file {path} has one access key in two sections: [{section}]")
        found[credential.access_key_id] = credential
    if not found:
        raise CredentialsRefused(f"the credentials file {path} has no section with an access key")
    return found


def _credential(path: Path, section: str, values: Mapping[str, str]) -> Credential:
    access_key_id, secret = values.get("aws_access_key_id", ""), values.get("aws_secret_access_key", "")
    if not access_key_id or not secret:
        raise CredentialsRefused(
            f"section [{section}] of the credentials file {path} needs aws_access_key_id and aws_secret_access_key"
        )
    if "/" in access_key_id or "," in access_key_id:
        raise CredentialsRefused(f"the access key id of section [{section}] of {path} has a '/' or a ','")
    return Credential(access_key_id, secret, values.get("aws_session_token") or None)


def _check_private(path: Path, facts: os.stat_result) -> None:
    if os.name != "posix":
        return
    if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialsRefused(
            f"the credentials file {path} has mode {stat.S_IMODE(facts.st_mode):04o}, so others may use it; "
            f"make it yours alone: chmod 600 {path}"
        )
    if facts.st_uid not in (os.geteuid(), 0):
        raise CredentialsRefused(f"the credentials file {path} belongs to another user")
