"""Sessions of aioboto3 that read the SDK's models of the services from disk once in a process, not once each."""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["new_session"]


def new_session() -> Any:
    """Return an ``aioboto3.Session``, configured by environment and files as every AWS tool is."""
    import aioboto3
    from aiobotocore.session import get_session

    session = get_session()
    session.register_component("data_loader", _loader(session.get_config_variable("data_path")))
    return aioboto3.Session(botocore_session=session)


@cache
def _loader(data_path: str | None) -> Any:
    """Return the loader of models below some directories, which keeps what it has read."""
    from botocore.loaders import create_loader

    return create_loader(data_path)
