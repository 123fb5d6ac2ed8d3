"""S8: PartiQL: statements, batches, transactions, pages."""

from __future__ import annotations

from typing import Any, Final

from facts.form import API, GUIDE, Backend, Fact, L, M, N, S, Step, ask, fact, get, put, scan, statement
from facts.matching import ABSENT, ANY, Pattern, Some, Unordered
from facts.tables import HASH, INDEXED, RANGE

__all__ = ["FACTS"]

_CAPTURED: Final = "captured on the service, 2026, eu-west-2"
_LOCAL_WORDS: Final = "captured on the service, 2026, eu-west-2; the words are those of DynamoDB Local 1.25.1"
_KEY: Final = {"pk": S("a")}
_UNFORMED: Final = "Statement wasn't well formed, can't be processed: "
_AFTER: Final = _UNFORMED + "Unexpected token after expression"
_DUPLICATE: Final = "Duplicate primary key exists in table"
_FULL: Final = {"pk": S("a"), "sk": S("b")}
_OVER: Final = "Number overflow. Attempting to store a number with magnitude larger than supported range"
_DIGITS: Final = "Attempting to store more than 38 significant digits in a Number"
_LANGUAGE: Final = GUIDE("PartiQL for DynamoDB")


def _batch(*statements: str, **more: Any) -> Step:
    return ask("BatchExecuteStatement", Statements=[{"Statement": each} for each in statements], **more)


def _transaction(*statements: str, **more: Any) -> Step:
    return ask("ExecuteTransaction", TransactStatements=[{"Statement": each} for each in statements], **more)


_INSERT: Final = "INSERT INTO plain VALUE {'pk': 'a'}"
_THREE: Final = [put({"pk": S("a"), "sk": S(key)}, "ranged") for key in ("1", "2", "3")]


def _pages(backend: Backend) -> str | None:
    """A token goes on where its statement ended, and only for that statement."""
    for step in _THREE:
        step.failure(backend)
    text = "SELECT sk FROM ranged WHERE pk = 'a'"
    found, token = [], None
    for _ in range(5):
        request = {"Statement": text, "Limit": 1, **({} if token is None else {"NextToken": token})}
        answer = backend.ask("ExecuteStatement", request)
        if answer.code is not None:
            return f"{answer.code}: {answer.message}"
        found += answer.body["Items"]
        token = answer.body.get("NextToken")
        if token is None:
            break
    return None if found == [{"sk": S(key)} for key in ("1", "2", "3")] else f"pages of one have {found}"


def _other_request(backend: Backend) -> str | None:
    for step in _THREE:
        step.failure(backend)
    answer = backend.ask("ExecuteStatement", {"Statement": "SELECT sk FROM ranged WHERE pk = 'a'", "Limit": 1})
    token = answer.body.get("NextToken")
    if token is None:
        return f"a page of one has no NextToken: {answer}"
    return (
        statement("SELECT pk FROM ranged WHERE pk = 'a'", Limit=1, NextToken=token)
        .refused("NextToken does not match request")
        .failure(backend)
    )


FACTS: Final[tuple[Fact, ...]] = (
    # What is not well formed
    *(
        fact(
            f"S8.form.after.{mark}",
            f"{what} is left over behind a statement",
            _CAPTURED,
            statement(text).refused(_AFTER),
        )
        for mark, what, text in (
            ("word", "a word", "SELECT * FROM plain WHERE pk = 'a' nonsense"),
            ("order", "an ORDER BY in the wrong place", "SELECT * FROM plain ORDER BY pk WHERE pk = 'a'"),
            ("insert_alias", "an alias of INSERT", "INSERT INTO plain p VALUE {'pk': 'a'}"),
        )
    ),
    *(
        fact(
            f"S8.form.unreadable.{mark}",
            f"of {what} the service says nothing more",
            _CAPTURED,
            statement(text).refused(_UNFORMED),
        )
        for mark, what, text in (
            ("number", "a number with a huge exponent", "SELECT * FROM plain WHERE pk = 1e2147483648"),
            ("character", "a character that is none of the language's", "SELECT * FROM plain WHERE pk = #"),
            ("comment", "a comment that does not end", "SELECT * FROM plain /* WHERE pk = 'a'"),
        )
    ),
    fact(
        "S8.form.alias",
        "aliases are not supported",
        _CAPTURED,
        statement("SELECT p.pk FROM plain AS p").refused("Aliasing is not supported"),
    ),
    fact(
        "S8.number.root",
        "a number that is too large is located",
        _CAPTURED,
        statement("SELECT * FROM plain WHERE pk = 1e126").refused(f"{_OVER} under root"),
    ),
    fact(
        "S8.number.map",
        "also inside a map",
        _CAPTURED,
        statement("INSERT INTO plain VALUE {'pk': 'a', 'm': {'x': 1e126}}").refused(f"{_OVER} under root.x"),
    ),
    fact(
        "S8.number.list",
        "and inside a list",
        _CAPTURED,
        statement("UPDATE plain SET x = [1, 1e126] WHERE pk = 'a'").refused(f"{_OVER} under root[1]"),
    ),
    fact(
        "S8.number.digits",
        "a number of too many digits is located too",
        _CAPTURED,
        statement(f"SELECT * FROM plain WHERE pk = {'1' * 39}").refused(f"{_DIGITS} under root"),
    ),
    fact(
        "S8.literals",
        "numbers may have exponents, and begin with their point",
        _CAPTURED,
        statement("INSERT INTO plain VALUE {'pk': 'a', 'x': 1.5e3, 'y': .5}"),
        get(_KEY).gives(Item={**_KEY, "x": N(1500), "y": N("0.5")}),
    ),
    fact(
        "S8.comments",
        "comments are white space",
        _CAPTURED,
        put(_KEY),
        statement("SELECT * /* all of it */ FROM plain -- the table\nWHERE pk = 'a'").gives(Items=[_KEY]),
    ),
    # SELECT
    fact(
        "S8.select.key",
        "SELECT by the whole key reads an item",
        _LANGUAGE,
        put({**_FULL, "x": N(1)}, "ranged"),
        statement('SELECT x FROM "ranged" WHERE pk = ? AND sk = ?', S("a"), S("b")).gives(
            Items=[{"x": N(1)}], NextToken=ABSENT
        ),
        tables=(RANGE,),
    ),
    fact(
        "S8.select.scan",
        "SELECT without the key scans",
        _LANGUAGE,
        put({"pk": S("a"), "x": N(1)}),
        put({"pk": S("b"), "x": N(2)}),
        statement("SELECT pk FROM plain WHERE x > 1").gives(Items=[{"pk": S("b")}]),
        statement("SELECT * FROM plain").gives(Items=Unordered([{"pk": S("a"), "x": N(1)}, {"pk": S("b"), "x": N(2)}])),
    ),
    *(
        fact(
            f"S8.select.order.{direction.lower()}",
            f"ORDER BY the sort key {direction}, with an equality on the partition key",
            _CAPTURED,
            *_THREE,
            statement(f"SELECT sk FROM ranged WHERE pk = 'a' ORDER BY sk {direction}").gives(
                Items=[{"sk": S(key)} for key in order]
            ),
            tables=(RANGE,),
        )
        for direction, order in (("ASC", "123"), ("DESC", "321"))
    ),
    fact(
        "S8.select.index",
        "SELECT reads an index by its name behind the table's",
        _LANGUAGE,
        put({**_FULL, "a": S("x"), "b": N(1)}, "indexed"),
        statement('SELECT sk FROM "indexed"."gsi_all" WHERE a = \'x\'').gives(Items=[{"sk": S("b")}]),
        tables=(INDEXED,),
    ),
    fact(
        "S8.select.index_consistent",
        "a global index is not read consistently, in words of its own",
        _CAPTURED,
        statement('SELECT sk FROM "indexed"."gsi_all" WHERE a = \'x\'', ConsistentRead=True).refused(
            "Strongly consistent read is not supported on Global Secondary Indexes"
        ),
        tables=(INDEXED,),
    ),
    fact(
        "S8.select.index_unknown",
        "an unknown index is not named",
        _CAPTURED,
        statement('SELECT sk FROM "indexed"."nowhere" WHERE a = \'x\'').refused(
            "The table does not have the specified index"
        ),
        tables=(INDEXED,),
    ),
    *(
        fact(
            f"S8.select.where.{mark}",
            f"{condition} finds the item",
            _LANGUAGE,
            put({**_KEY, "n": N(5), "s": S("hello"), "l": L(N(1)), "m": M(x=N(1)), "nil": {"NULL": True}}),
            statement(f"SELECT pk FROM plain WHERE {condition}").gives(Items=[_KEY]),
        )
        for mark, condition in (
            ("in", "n IN [4, 5]"),
            ("between", "n BETWEEN 4 AND 6"),
            ("begins_with", "begins_with(s, 'he')"),
            ("contains", "contains(s, 'll')"),
            ("missing", "o IS MISSING"),
            ("not_missing", "n IS NOT MISSING"),
            ("null", "nil IS NULL"),
            ("path", "m.x = 1 AND l[0] = 1"),
            ("not", "NOT n = 6"),
            ("or", "n = 6 OR s = 'hello'"),
            ("size", "size(s) = 5"),
            ("type", "attribute_type(s, 'S')"),
        )
    ),
    # Writes
    fact(
        "S8.write.insert",
        "a write answers no items",
        _CAPTURED,
        statement(_INSERT).gives(Items=[]),
        scan().gives(Count=1),
    ),
    fact(
        "S8.write.duplicate",
        "INSERT does not replace",
        _CAPTURED,
        put(_KEY),
        statement(_INSERT).refused(_DUPLICATE, "DuplicateItemException"),
    ),
    fact(
        "S8.write.update",
        "UPDATE sets and removes",
        _LANGUAGE,
        put({**_KEY, "x": N(1), "y": N(2)}),
        statement("UPDATE plain SET x = x + 1 REMOVE y WHERE pk = 'a'").gives(Items=[]),
        get(_KEY).gives(Item={**_KEY, "x": N(2)}),
    ),
    fact(
        "S8.write.update_returning",
        "UPDATE shows what it is told to",
        _LANGUAGE,
        put({**_KEY, "x": N(1), "y": N(2)}),
        statement("UPDATE plain SET x = 5 WHERE pk = 'a' RETURNING ALL NEW *").gives(
            Items=[{**_KEY, "x": N(5), "y": N(2)}]
        ),
        statement("UPDATE plain SET x = 6 WHERE pk = 'a' RETURNING MODIFIED OLD *").gives(Items=[{"x": N(5)}]),
    ),
    fact(
        "S8.write.update_missing",
        "UPDATE of no item fails",
        _LANGUAGE,
        statement("UPDATE plain SET x = 5 WHERE pk = 'a'").refused(
            "The conditional request failed", "ConditionalCheckFailedException"
        ),
    ),
    fact(
        "S8.write.delete",
        "DELETE shows what it deleted",
        _LANGUAGE,
        put({**_KEY, "x": N(1)}),
        statement("DELETE FROM plain WHERE pk = 'a' RETURNING ALL OLD *").gives(Items=[{**_KEY, "x": N(1)}]),
        scan().gives(Count=0),
    ),
    fact(
        "S8.write.delete_returning",
        "DELETE shows nothing but ALL OLD",
        _CAPTURED,
        statement("DELETE FROM plain WHERE pk = 'a' RETURNING MODIFIED OLD *").refused(Pattern(".*ALL OLD.*")),
    ),
    fact(
        "S8.write.condition",
        "further conditions are conditions of the write",
        _LANGUAGE,
        put({**_KEY, "x": N(1)}),
        statement("DELETE FROM plain WHERE pk = 'a' AND x = 2").refused(
            "The conditional request failed", "ConditionalCheckFailedException"
        ),
    ),
    fact(
        "S8.write.no_key",
        "a write names the whole key",
        _CAPTURED,
        statement("DELETE FROM ranged WHERE pk = 'a'").refused(
            "Where clause does not contain a mandatory equality on all key attributes"
        ),
        tables=(RANGE,),
    ),
    # Batches
    fact(
        "S8.batch.mixed",
        "reads and writes are not in one batch",
        _LOCAL_WORDS,
        _batch("SELECT * FROM plain WHERE pk = 'a'", "INSERT INTO plain VALUE {'pk': 'b'}").refused(
            "Read and write requests together in the same batch is not supported."
        ),
    ),
    fact(
        "S8.batch.repeated",
        "an item is in a batch once",
        _LOCAL_WORDS,
        _batch(_INSERT, "DELETE FROM plain WHERE pk = 'a'").refused("Provided list of item keys contains duplicates"),
    ),
    fact(
        "S8.batch.key",
        "a SELECT of a batch names the whole key",
        _CAPTURED,
        _batch("SELECT * FROM plain WHERE x = 1").gives(
            Responses=[Some({"Error": Some({"Code": "ValidationError", "Message": ANY})})]
        ),
    ),
    fact(
        "S8.batch.alone",
        "a statement that is not well formed fails alone",
        _CAPTURED,
        _batch("INSERT INTO plain VALUE {'pk': 'b'}", "NONSENSE").gives(
            Responses=[{"TableName": "plain"}, Some({"Error": Some({"Code": "ValidationError"}), "TableName": ABSENT})]
        ),
        scan().gives(Count=1),
    ),
    fact(
        "S8.batch.duplicate",
        "a statement that inserts what is there fails alone",
        _CAPTURED,
        put(_KEY),
        _batch(_INSERT, "INSERT INTO plain VALUE {'pk': 'b'}").gives(
            Responses=[
                Some({"Error": Some({"Code": "DuplicateItem", "Message": _DUPLICATE}), "TableName": "plain"}),
                {"TableName": "plain"},
            ]
        ),
    ),
    fact(
        "S8.batch.reads",
        "a batch of reads answers items in order",
        API("BatchExecuteStatement"),
        put({**_KEY, "x": N(1)}),
        _batch("SELECT x FROM plain WHERE pk = 'a'", "SELECT x FROM plain WHERE pk = 'b'").gives(
            Responses=[{"TableName": "plain", "Item": {"x": N(1)}}, {"TableName": "plain"}]
        ),
    ),
    # Transactions
    fact(
        "S8.transaction.writes",
        "a transaction of writes answers no responses",
        _CAPTURED,
        _transaction(_INSERT, "INSERT INTO plain VALUE {'pk': 'b'}").gives(Responses=[]),
        scan().gives(Count=2),
    ),
    fact(
        "S8.transaction.reads",
        "a transaction of reads answers items in order",
        API("ExecuteTransaction"),
        put({**_KEY, "x": N(1)}),
        _transaction("SELECT * FROM plain WHERE pk = 'a'", "SELECT * FROM plain WHERE pk = 'b'").gives(
            Responses=[{"Item": {**_KEY, "x": N(1)}}, {}]
        ),
    ),
    fact(
        "S8.transaction.mixed",
        "reads and writes are not in one transaction",
        _LOCAL_WORDS,
        _transaction("SELECT * FROM plain WHERE pk = 'a'", "INSERT INTO plain VALUE {'pk': 'b'}").refused(
            "ExecuteTransaction API does not support both read and write operations in the same request."
        ),
    ),
    fact(
        "S8.transaction.returning",
        "nothing is returned from within a transaction",
        _CAPTURED,
        put(_KEY),
        _transaction("DELETE FROM plain WHERE pk = 'a' RETURNING ALL OLD *").refused(
            Pattern(".*RETURNING clause is not supported in ExecuteTransaction.*")
        ),
        scan().gives(Count=1),
    ),
    fact(
        "S8.transaction.exists",
        "EXISTS checks a condition",
        _LANGUAGE,
        put({**_KEY, "x": N(1)}),
        _transaction("EXISTS(SELECT * FROM plain WHERE pk = 'a' AND x = 1)", "INSERT INTO plain VALUE {'pk': 'b'}"),
        _transaction(
            "EXISTS(SELECT * FROM plain WHERE pk = 'a' AND x = 2)", "INSERT INTO plain VALUE {'pk': 'c'}"
        ).refused(
            "Transaction cancelled, please refer cancellation reasons for specific reasons "
            "[ConditionalCheckFailed, None]",
            "TransactionCanceledException",
        ),
        scan().gives(Count=2),
    ),
    # Pages
    fact("S8.pages", "a token goes on where its page ended", API("ExecuteStatement"), tables=(RANGE,), check=_pages),
    fact(
        "S8.token.other",
        "a token is for its own statement",
        _CAPTURED,
        tables=(RANGE,),
        check=_other_request,
    ),
    fact(
        "S8.token.invalid",
        "a token that was not given out is invalid",
        _CAPTURED,
        statement("SELECT * FROM plain", NextToken="bm90IGEgdG9rZW4=").refused("Invalid NextToken"),
        tables=(HASH,),
    ),
    fact(
        "S8.parameters",
        "as many parameters as question marks",
        _LOCAL_WORDS,
        statement("SELECT * FROM plain WHERE pk = ? AND x = ?", S("a")).refused(
            "Number of parameters in request and statement don't match."
        ),
    ),
)
