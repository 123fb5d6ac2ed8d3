"""TagResource, UntagResource, ListTagsOfResource, and tags that a table is created with.

Source: seen on the service in us-west-2, October 2026; API reference for the limits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ddbmodel.engine.arn import ACCOUNT_ID, parsed_arn
from ddbmodel.engine.catalog import Catalog, Table
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.messages import table_features as messages
from ddbmodel.engine.messages.message import refused
from ddbmodel.engine.outcome import Outcome, SaveTable
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.engine.tables.states import check_is_there

__all__ = ["list_tags_of_resource", "new_tags", "tag_resource", "untag_resource"]

MAX_TAGS: Final = 50
_PAGE_TAGS: Final = 10
_MOST_KEY_CHARACTERS: Final = 128
_MOST_VALUE_CHARACTERS: Final = 256
_MARKS: Final = frozenset("+-=._:/@")
_TABLE_RESOURCE: Final = re.compile(r"table/([a-zA-Z0-9_.-]{3,255})(/stream/[^/]+)?\Z")


def tag_resource(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer TagResource: all of the tags are set, or none."""
    table = _tagged(request["ResourceArn"], catalog, context)
    if not request["Tags"]:
        raise refused(messages.NO_TAGS)
    added = new_tags(request["Tags"])
    table = _found(table, request["ResourceArn"], context)
    check_is_there(table, context.now_s)
    _check_free(table, added, context.now_s)
    tags = _tags(table) | added
    if len(tags) > MAX_TAGS:
        raise refused(messages.TOO_MANY_TAGS)
    return _saved(table, tags, added, context)


def untag_resource(request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext) -> Outcome:
    """Answer UntagResource; keys that the table does not have are ignored."""
    table = _tagged(request["ResourceArn"], catalog, context)
    keys = request["TagKeys"]
    if not keys:
        raise refused(messages.NO_TAG_KEYS)
    if len(keys) > MAX_TAGS:
        raise refused(messages.TOO_MANY_TAGS)
    for key in keys:
        _check_key(key)
    table = _found(table, request["ResourceArn"], context)
    check_is_there(table, context.now_s)
    _check_free(table, {}, context.now_s)
    tags = {key: value for key, value in _tags(table).items() if key not in keys}
    return _saved(table, tags, None, context)


def list_tags_of_resource(
    request: dict[str, Any], view: ReadView, catalog: Catalog, context: RequestContext
) -> Outcome:
    """Answer ListTagsOfResource, ten tags at a time; a token that is none of ours begins anew, as the service does."""
    table = _found(_tagged(request["ResourceArn"], catalog, context), request["ResourceArn"], context)
    tags = sorted(_listed(table, context.now_s).items())
    token = request.get("NextToken", "")
    # Looked up, since a token may be any text: int() fails for the longest ones.
    starts = {str(start): start for start in range(0, len(tags), _PAGE_TAGS)}
    start = starts.get(token, 0)
    page = [{"Key": key, "Value": value} for key, value in tags[start : start + _PAGE_TAGS]]
    response: dict[str, Any] = {"Tags": page}
    if start + _PAGE_TAGS < len(tags):
        response["NextToken"] = str(start + _PAGE_TAGS)
    return Outcome(response)


def new_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return tags by their keys.

    Raises:
        Refusal: one of them cannot be, or there are too many.
    """
    checked: dict[str, str] = {}
    for tag in tags:
        key, value = tag.get("Key"), tag.get("Value")
        _check_key(key)
        if value is None or len(value) > _MOST_VALUE_CHARACTERS or not _is_plain(value):
            raise refused(messages.TAG_VALUE_INVALID, value="null" if value is None else value)
        assert key is not None
        if key in checked:
            raise refused(messages.TAG_KEY_TWICE, key=key)
        checked[key] = value
    if len(checked) > MAX_TAGS:
        raise refused(messages.TOO_MANY_TAGS)
    return checked


def _check_key(key: str | None) -> None:
    if key is None or not 1 <= len(key) <= _MOST_KEY_CHARACTERS or not _is_plain(key):
        raise refused(messages.TAG_KEY_INVALID, key="null" if key is None else key)
    if key[:4].lower() == "aws:":
        raise refused(messages.TAG_KEY_RESERVED, key=key)


def _is_plain(text: str) -> bool:
    # Letters and digits of every script, spaces, and a few marks.
    return all(sign.isalpha() or sign.isdecimal() or sign.isspace() or sign in _MARKS for sign in text)


def _tagged(resource: str, catalog: Catalog, context: RequestContext) -> Table | None:
    if not resource.startswith("arn:"):
        raise refused(messages.NOT_AN_ARN, arn=resource)
    arn = parsed_arn(resource)
    if arn is None or arn.service != "dynamodb" or not arn.resource.startswith("table/") or "/backup/" in arn.resource:
        raise refused(messages.NOT_OF_DYNAMODB, arn=resource)
    if "/index/" in arn.resource:
        raise refused(messages.NOT_A_TABLE_ARN, arn=resource)
    found = _TABLE_RESOURCE.match(arn.resource)
    if found is None or arn.partition != "aws" or arn.region != context.region:
        raise refused(messages.ARN_OF_ELSEWHERE, arn=resource)
    return catalog.table(found[1]) if arn.account == ACCOUNT_ID else None


def _found(table: Table | None, resource: str, context: RequestContext) -> Table:
    # Tags are known as soon as the table can be used.
    if table is None or context.now_s < table.ready_at_s or table.is_gone(context.now_s):
        raise refused(messages.TAGGED_NOT_FOUND, arn=resource)
    return table


def _tags(table: Table) -> dict[str, str]:
    tags: dict[str, str] = table.settings.get("Tags") or {}
    return tags


def _under_way(table: Table, now_s: float) -> Mapping[str, Any] | None:
    """Return the change of tags under way: until when, what is listed meanwhile, the tags that it set; or None."""
    change: Mapping[str, Any] | None = table.settings.get("TagsUnderWay")
    return change if change is not None and now_s < change["until_s"] else None


def _listed(table: Table, now_s: float) -> dict[str, str]:
    change = _under_way(table, now_s)
    listed: dict[str, str] = _tags(table) if change is None else change["listed"]
    return listed


def _check_free(table: Table, added: Mapping[str, str], now_s: float) -> None:
    # What has the tags that are on their way among its own is let through.
    change = _under_way(table, now_s)
    if change is not None and not (change["added"] and change["added"].items() <= added.items()):
        raise refused(messages.TAGS_BEING_UPDATED, table=table.name)


def _saved(table: Table, tags: dict[str, str], added: dict[str, str] | None, context: RequestContext) -> Outcome:
    if tags == _tags(table):
        return Outcome({})
    settings = {name: value for name, value in table.settings.items() if name != "TagsUnderWay"} | {"Tags": tags}
    if context.options.tag_delay_s > 0:
        settings["TagsUnderWay"] = {
            "until_s": context.now_s + context.options.tag_delay_s,
            "listed": _listed(table, context.now_s),
            "added": added,
        }
    return Outcome({}, catalog=(SaveTable(replace(table, settings=settings)),))
