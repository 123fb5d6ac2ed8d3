"""The PartiQL operations: statements become reads and writes of the same machinery as the native operations'.

```
text, parameters ── prepare ──► Statement                     the request's own faults
Select ── branches ── key_reads ──► ranges of keys            which items are read
Insert | UpdateItem | Delete | Exists ── writes ──► WriteAction     what is written, and when
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from ddbmodel.engine.catalog import Catalog
from ddbmodel.engine.context import RequestContext
from ddbmodel.engine.outcome import Outcome
from ddbmodel.engine.partiql.batch import batch_execute_statement
from ddbmodel.engine.partiql.execute import execute_statement
from ddbmodel.engine.partiql.transaction import execute_transaction
from ddbmodel.engine.storage.view import ReadView

__all__ = ["PARTIQL_HANDLERS", "PartiqlHandler"]

PartiqlHandler: TypeAlias = Callable[[dict[str, Any], ReadView, Catalog, RequestContext], Outcome]

PARTIQL_HANDLERS: Final[Mapping[str, PartiqlHandler]] = {
    "BatchExecuteStatement": batch_execute_statement,
    "ExecuteStatement": execute_statement,
    "ExecuteTransaction": execute_transaction,
}
