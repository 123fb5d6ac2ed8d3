"""What a request is decided with, besides its body and the data."""

from __future__ import annotations

from typing import NamedTuple

from ddbmodel.engine.messages.message import Wording
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.page_progress import PageProgress

__all__ = ["RequestContext"]


class RequestContext(NamedTuple):
    """Handed to every handler; nothing in it is the caller's to change."""

    now_s: float
    """Seconds since the epoch, on the engine's clock."""
    region: str
    wording: Wording
    """In which words the operation refuses; most handlers leave that to the boundary."""
    options: EngineOptions
    leaves_items_unread: bool = False
    """Whether items that are answered as they are kept may be answered as their JSON, an `orjson.Fragment`."""
    progress: PageProgress | None = None
    """Of a page that may be read in slices; None where a page must be read in one go."""
