"""A prefix before the name of every table, so that several environments share one account and know nothing of it.

Callers say and see the names of their models; the service has the prefixed ones. ARNs and the service's words are left
as they are: they name one table, wherever they come from. Where names stand is a table below, one row for an operation
that has them elsewhere than most; a test holds it against the newest model of the service.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from ddbmodel.errors import InvalidRequest
from ddbmodel.expressions.partiql.table_names import with_table_names
from ddbmodel.transport.executor import Executor, Request, Response
from ddbmodel.transport.layer import ExecutorLayer
from ddbmodel.transport.scaling import Scaling

__all__ = ["TablePrefix", "check_table_prefix", "names_in_answer", "names_in_request"]

_Path: TypeAlias = tuple[str, ...]
"""Member names from the outside in; ``[]`` is every element, ``*`` every member, ``{key}`` the keys of a map."""

_PREFIX: Final = re.compile(r"[a-zA-Z0-9_.-]{1,252}\Z")
_SCALED: Final = ("ScalableTargets", "ScalingPolicies")
_RESOURCE: Final = "table/"


def _paths(*texts: str) -> tuple[_Path, ...]:
    return tuple(tuple(text.split(".")) for text in texts)


_IN_MOST_REQUESTS: Final = _paths("TableName")
_IN_REQUESTS: Final[Mapping[str, tuple[_Path, ...]]] = {
    "BatchExecuteStatement": _paths("Statements.[].Statement"),
    "BatchGetItem": _paths("RequestItems.{key}"),
    "BatchWriteItem": _paths("RequestItems.{key}"),
    "CreateGlobalTable": _paths("GlobalTableName"),
    "DescribeGlobalTable": _paths("GlobalTableName"),
    "DescribeGlobalTableSettings": _paths("GlobalTableName"),
    "ExecuteStatement": _paths("Statement"),
    "ExecuteTransaction": _paths("TransactStatements.[].Statement"),
    "ImportTable": _paths("TableCreationParameters.TableName"),
    "ListGlobalTables": _paths("ExclusiveStartGlobalTableName"),
    "ListTables": _paths("ExclusiveStartTableName"),
    "RestoreTableFromBackup": _paths("TargetTableName"),
    "RestoreTableToPointInTime": _paths("SourceTableName", "TargetTableName"),
    "TransactGetItems": _paths("TransactItems.[].*.TableName"),
    "TransactWriteItems": _paths("TransactItems.[].*.TableName"),
    "UpdateGlobalTable": _paths("GlobalTableName"),
    "UpdateGlobalTableSettings": _paths("GlobalTableName"),
}
_IN_MOST_ANSWERS: Final = _paths("ConsumedCapacity.TableName")
_TABLE: Final = _paths("TableDescription.TableName")
_OF_SEVERAL: Final = _paths("ConsumedCapacity.[].TableName")
_IN_ANSWERS: Final[Mapping[str, tuple[_Path, ...]]] = {
    "BatchExecuteStatement": _OF_SEVERAL + _paths("Responses.[].TableName"),
    "BatchGetItem": _OF_SEVERAL + _paths("Responses.{key}", "UnprocessedKeys.{key}"),
    "BatchWriteItem": _OF_SEVERAL + _paths("UnprocessedItems.{key}", "ItemCollectionMetrics.{key}"),
    "CreateGlobalTable": _paths("GlobalTableDescription.GlobalTableName"),
    "CreateTable": _TABLE,
    "DeleteBackup": _paths("BackupDescription.SourceTableDetails.TableName"),
    "DeleteTable": _TABLE,
    "DescribeBackup": _paths("BackupDescription.SourceTableDetails.TableName"),
    "DescribeContributorInsights": _paths("TableName"),
    "DescribeGlobalTable": _paths("GlobalTableDescription.GlobalTableName"),
    "DescribeGlobalTableSettings": _paths("GlobalTableName"),
    "DescribeImport": _paths("ImportTableDescription.TableCreationParameters.TableName"),
    "DescribeKinesisStreamingDestination": _paths("TableName"),
    "DescribeStream": _paths("StreamDescription.TableName"),
    "DescribeTable": _paths("Table.TableName"),
    "DescribeTableReplicaAutoScaling": _paths("TableAutoScalingDescription.TableName"),
    "DisableKinesisStreamingDestination": _paths("TableName"),
    "EnableKinesisStreamingDestination": _paths("TableName"),
    "ExecuteTransaction": _OF_SEVERAL,
    "ImportTable": _paths("ImportTableDescription.TableCreationParameters.TableName"),
    "ListBackups": _paths("BackupSummaries.[].TableName"),
    "ListContributorInsights": _paths("ContributorInsightsSummaries.[].TableName"),
    "ListGlobalTables": _paths("GlobalTables.[].GlobalTableName", "LastEvaluatedGlobalTableName"),
    "ListStreams": _paths("Streams.[].TableName"),
    "RestoreTableFromBackup": _TABLE,
    "RestoreTableToPointInTime": _TABLE,
    "TransactGetItems": _OF_SEVERAL,
    "TransactWriteItems": _OF_SEVERAL + _paths("ItemCollectionMetrics.{key}"),
    "UpdateContributorInsights": _paths("TableName"),
    "UpdateGlobalTable": _paths("GlobalTableDescription.GlobalTableName"),
    "UpdateGlobalTableSettings": _paths("GlobalTableName"),
    "UpdateKinesisStreamingDestination": _paths("TableName"),
    "UpdateTable": _TABLE,
    "UpdateTableReplicaAutoScaling": _paths("TableAutoScalingDescription.TableName"),
}


def check_table_prefix(prefix: str) -> None:
    """Raise `InvalidRequest` unless a prefix can stand before the name of a table."""
    if not isinstance(prefix, str) or _PREFIX.match(prefix) is None:
        got = f"{len(prefix)} characters, not all of them these" if isinstance(prefix, str) else type(prefix).__name__
        raise InvalidRequest(f"table_prefix takes 1 to 252 letters, digits, '_', '-' and '.', got {got}")


def names_in_request(operation: str) -> Sequence[_Path]:
    """Return where the names of tables stand in the requests of an operation."""
    return _IN_REQUESTS.get(operation, _IN_MOST_REQUESTS)


def names_in_answer(operation: str) -> Sequence[_Path]:
    """Return where the names of tables stand in the answers of an operation, save the list of ListTables."""
    return _IN_ANSWERS.get(operation, _IN_MOST_ANSWERS)


class TablePrefix(ExecutorLayer):
    """Puts a prefix before the name of every table that passes to the service, and takes it off what comes back."""

    def __init__(self, inner: Executor, prefix: str) -> None:
        super().__init__(inner)
        check_table_prefix(prefix)
        self._prefix = prefix
        if isinstance(inner, Scaling):
            self._scaling = inner
            self.scale = self._scale

    async def execute(self, operation: str, request: Request) -> Response:
        """Return what the inner executor answers; see `Executor.execute`."""
        if operation == "ListTables":
            return await self._list_tables(request)
        answer = await self.inner.execute(operation, self._with_prefix(operation, request))
        for path in names_in_answer(operation):
            answer = _renamed(answer, path, self._short)
        return answer

    def _with_prefix(self, operation: str, request: Request) -> Request:
        for path in names_in_request(operation):
            rename = self._long_in_statement if path[-1] == "Statement" else self._long
            request = _renamed(request, path, rename)
        return request

    async def _list_tables(self, request: Request) -> Response:
        # Pages of the service may hold tables of others only, so they are read on until one of ours is full.
        limit = request.get("Limit")
        asked, names = self._with_prefix("ListTables", request), list[str]()
        while True:
            answer = await self.inner.execute("ListTables", asked)
            names += [self._short(name) for name in answer["TableNames"] if name.startswith(self._prefix)]
            last = answer.get("LastEvaluatedTableName")
            is_full = isinstance(limit, int) and len(names) >= limit
            if last is None or is_full:
                break
            asked = {**asked, "ExclusiveStartTableName": last}
        shown: Response = {"TableNames": names[:limit] if is_full else names}
        if is_full and (last is not None or len(names) > len(shown["TableNames"])):
            shown["LastEvaluatedTableName"] = shown["TableNames"][-1]
        return shown

    async def _scale(self, operation: str, request: Request) -> Response:
        asked = _renamed(
            _renamed(request, ("ResourceId",), self._long_resource), ("ResourceIds", "[]"), self._long_resource
        )
        answer = await self._scaling.scale(operation, asked)
        own = _RESOURCE + self._prefix
        shown: Response = {
            name: [
                {**each, "ResourceId": _RESOURCE + each["ResourceId"].removeprefix(own)}
                for each in answer[name]
                if each["ResourceId"].startswith(own)
            ]
            for name in _SCALED
            if name in answer
        }
        return {**answer, **shown}

    # What is no text is for the service to refuse.

    def _long(self, name: Any) -> Any:
        return self._prefix + name if isinstance(name, str) and not name.startswith("arn:") else name

    def _long_in_statement(self, statement: Any) -> Any:
        return with_table_names(statement, self._long) if isinstance(statement, str) else statement

    def _long_resource(self, resource: Any) -> Any:
        return resource.replace(_RESOURCE, _RESOURCE + self._prefix, 1) if isinstance(resource, str) else resource

    def _short(self, name: Any) -> Any:
        return name.removeprefix(self._prefix) if isinstance(name, str) else name


def _renamed(document: Any, path: _Path, rename: Callable[[Any], Any]) -> Any:
    """Return a document with the names at a path renamed; where there is nothing at the path, the document itself."""
    if not path:
        return rename(document)
    step, rest = path[0], path[1:]
    if step == "[]":
        return [_renamed(each, rest, rename) for each in document] if isinstance(document, list) else document
    if not isinstance(document, dict):
        return document
    if step == "*":
        return {name: _renamed(value, rest, rename) for name, value in document.items()}
    if step == "{key}":
        return {rename(name): value for name, value in document.items()}
    return {**document, step: _renamed(document[step], rest, rename)} if step in document else document
