"""Handlers that run on what changed, typed by model, in order for every item."""

from ddbmodel.streams.app import StreamApp
from ddbmodel.streams.events import Change, Insert, Modify, Remove
from ddbmodel.streams.outbox import Published

__all__ = ["Change", "Insert", "Modify", "Published", "Remove", "StreamApp"]
