"""Texts of DynamoDB Local's own for faults that the service words otherwise."""

from __future__ import annotations

from differential.differences.difference import Difference, TextDifference

__all__ = ["TEXT_DIFFERENCES"]

_IN_THE_TABLE = "each text has its source beside it, in `ddbmodel/engine/messages/`"
_CONSTRAINT = r"\d+ validation errors? detected: .*"
_INVALID = "One or more parameter values were invalid: "
_WRAPPED = r"(ExpressionAttributeValues contains invalid value: )?"
_KEY = r"( for key :?[^ ]*)?"
_TYPES = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN", "L": "LIST", "M": "MAP"}


def _member(path: str, rule: str = "") -> str:
    """Return the pattern of a text about a member of a request, among others perhaps."""
    return rf"{_CONSTRAINT}at '{path}' failed to satisfy constraint: .*{rule}.*"


_NULL = rf"{_CONSTRAINT}Value null at .*"

TEXT_DIFFERENCES: tuple[Difference, ...] = (
    TextDifference(
        name="a table that is not there has the service's text",
        local="'Cannot do operations on a non-existent table'",
        service="'Requested resource not found', and for requests about tables '…: Table: T not found'",
        source=_IN_THE_TABLE,
        texts=(
            ("Cannot do operations on a non-existent table", "Requested resource not found(: Table: .* not found)?"),
        ),
    ),
    TextDifference(
        name="a table that is there already has the service's text",
        local="'Cannot create preexisting table'",
        service="'Table already exists: T'",
        source=_IN_THE_TABLE,
        texts=(("Cannot create preexisting table", "Table already exists: .*"),),
    ),
    TextDifference(
        name="a name is checked as a member of the request",
        local="'Invalid table/index name. …' whatever is wrong; a name of an index is not checked by queries",
        service="'1 validation error detected: Value '…' at 'tableName' failed to satisfy constraint: …'",
        source=_IN_THE_TABLE,
        texts=(
            (
                "Invalid table/index name.*",
                rf"{_CONSTRAINT}(at '[^']*([nN]ame|tem)' failed|Map keys).*"
                "|The parameter 'TableName' is required.*|.*IndexName.*",
            ),
            ("The table does not have the specified index: .*", _member("indexName")),
            (".*", _member("exclusiveStartTableName")),
        ),
    ),
    TextDifference(
        name="members are checked by their constraints",
        local="a sentence of its own for a member that is missing, too short, too long or not in an enumeration",
        service="'1 validation error detected: Value … at '…' failed to satisfy constraint: …'",
        source=_IN_THE_TABLE,
        texts=(
            ("(Cannot have null key for|Item to put in PutItem cannot be|The supplied Item contains a) null.*", _NULL),
            ("Cannot have null key for GetItem, DeleteItem, or UpdateItem", _NULL),
            ("Return values set to invalid value", _member("returnValues", "enum value set")),
            ("Member must satisfy enum value set: .*", _CONSTRAINT),
            ("Limit must be greater than or equal to 1", _member("limit")),
            ("BatchGetItem must have some requests set", _member("requestItems")),
            ("BatchWriteItem cannot have a null or no requests set", "The requestItems parameter is required.*"),
            ("Too many items requested for the Batch(Get|Write)Item call", _member(".*", "less than or equal to")),
            ("The list of keys in RequestItems for BatchGetItem is required: .* has empty list", _member(".*[kK]eys")),
            ("The batch write request list for a table cannot be null or empty: .*", f"{_CONSTRAINT}Map value.*"),
            (r"Value .* at '[tT]ransact\w+' failed to satisfy constraint: .*", _member(r"transact\w+")),
            ("Comparison type does not exist in DynamoDB", _member(".*comparisonOperator")),
            ("Invalid (ShardIterator|StreamArn|ShardIteratorType)\\.?", _member(".*")),
            ("No (ShardId|ShardIteratorType) specified\\.", _member(".*")),
            ("Stream StreamEnabled was null", _member("streamSpecification.streamEnabled")),
            ("Indexes must have a projection specified", _member(".*projection")),
            ("(No Hash Key specified in schema|No Attribute Schema Defined|No defined key schema).*", _CONSTRAINT),
            (".*read and write throughput must be at least 1, and cannot be null", _member(".*CapacityUnits")),
            ("Too many hash keys specified.*|Too many range keys.*|Invalid key order.*", _member("keySchema.*")),
        ),
    ),
    TextDifference(
        name="a number is refused in the service's words",
        local="'A value provided cannot be converted into a number', '… precision up to 38 digits'",
        service="'The parameter cannot be converted to a numeric value: x', 'Attempting to store more than 38 …'",
        source=_IN_THE_TABLE,
        texts=(
            (
                f"{_WRAPPED}A value provided cannot be converted into a number{_KEY}",
                rf"{_WRAPPED}The parameter cannot be converted to a numeric value.*{_KEY}",
            ),
            (
                f"{_WRAPPED}DynamoDB only supports precision up to 38 digits{_KEY}",
                f"{_WRAPPED}Attempting to store more than 38 significant digits in a Number{_KEY}",
            ),
        ),
    ),
    TextDifference(
        name="a set with duplicates is refused in the service's words",
        local="leaves out the full stop, or the members of a set of binaries",
        service="'Input collection [a, a] contains duplicates.', '[YQ==, YQ==]of type BS contains duplicates.'",
        source=_IN_THE_TABLE,
        texts=(
            (
                rf"{_WRAPPED}{_INVALID}Input collection .*contains duplicates\.?{_KEY}",
                rf"{_WRAPPED}{_INVALID}Input collection .*contains duplicates\.?{_KEY}",
            ),
        ),
    ),
    TextDifference(
        name="an empty placeholder is a syntax error",
        local="'The expression attribute map contains an empty key;'",
        service="'Syntax error; key: \"\"'",
        source=_IN_THE_TABLE,
        texts=(
            (
                r"ExpressionAttribute(Names|Values) contains invalid key: The expression attribute map contains an .*",
                r"ExpressionAttribute(Names|Values) contains invalid key: Syntax error; key: \"\"",
            ),
        ),
    ),
    TextDifference(
        name="a key that does not fit the schema has the service's text",
        local="'The number of conditions on the keys is invalid', 'Type mismatch for key', 'One of …'",
        service="'The provided key element does not match the schema'; puts name the attribute and both types",
        source=_IN_THE_TABLE,
        texts=(
            (
                rf"The number of conditions on the keys is invalid|{_INVALID}Type mismatch for key"
                "|One of the required keys was not given a value|Invalid attribute value type",
                "The provided key element does not match the schema",
            ),
            ("One of the required keys was not given a value", f"{_INVALID}Missing the key .* in the item"),
            (rf"{_INVALID}Type mismatch for key|Invalid attribute value type", f"{_INVALID}Type mismatch for key .*"),
            (
                rf"{_INVALID}Type mismatch for Index Key|Invalid attribute value type"
                "|Updates on index keys must be of the same data type as the key attribute",
                f"{_INVALID}Type mismatch for Index Key .*|The update expression attempted to update the secondary .*",
            ),
            (
                r"Key attributes must be scalars; list random access '\[\]' and map lookup '\.' are not allowed.*",
                "The (document path|provided expression|update expression attempted).*",
            ),
        ),
    ),
    TextDifference(
        name="ReturnValues that an operation does not have is refused by name",
        local="'Return values set to invalid value'",
        service="'ReturnValues can only be ALL_OLD or NONE'",
        source=_IN_THE_TABLE,
        texts=(("Return values set to invalid value", "ReturnValues can only be ALL_OLD or NONE"),),
    ),
    TextDifference(
        name="paths that overlap are both named",
        local="names a path of another alias than the one that overlaps",
        service="names the two paths",
        source=_IN_THE_TABLE,
        texts=(
            (
                r"Invalid (\w+): Two document paths (overlap|conflict) with each other.*",
                r"Invalid (\w+): Two document paths (overlap|conflict) with each other.*",
            ),
        ),
    ),
    TextDifference(
        name="operands are shown in their canonical form",
        local="shows numbers as they were written and binaries as Java's objects",
        service="shows numbers in canonical form and binaries in base64",
        source="numbers are stored in canonical form (captured); how binaries are shown is not settled",
        takes="the service's, base64 for binaries",
        texts=(
            (
                r".*The BETWEEN operator requires .*operand: Attr.*",
                r".*The BETWEEN operator requires .*operand: Attr.*",
            ),
        ),
    ),
    TextDifference(
        name="a consistent read of a global index is refused in the service's words",
        local="'Consistent read cannot be true when querying a GSI'",
        service="'Consistent reads are not supported on global secondary indexes'",
        source=_IN_THE_TABLE,
        texts=(
            (
                "Consistent read cannot be true when (querying|scanning) a GSI",
                "Consistent reads are not supported on global secondary indexes",
            ),
        ),
    ),
    TextDifference(
        name="a start key is refused in the service's words",
        local="'… does not match the range key predicate' also where the partition is another",
        service="'The provided starting key is outside query boundaries based on provided conditions'",
        source=_IN_THE_TABLE,
        texts=(
            (
                "The provided starting key does not match the range key predicate",
                "The provided starting key is outside query boundaries based on provided conditions"
                "|The query can return at most one row and cannot be restarted",
            ),
            (
                "Exclusive Start Key must have same size as table's key schema|The provided starting key is invalid.*"
                "|The query can return at most one row and cannot be restarted",
                "The provided (exclusive )?(starting|start) key is (invalid|outside).*",
            ),
        ),
    ),
    TextDifference(
        name="a query that misses a key names it",
        local="'Query condition missed key schema element'",
        service="'Query condition missed key schema element: pk'",
        source=_IN_THE_TABLE,
        texts=(("Query condition missed key schema element", "Query condition missed key schema element: .*"),),
    ),
    TextDifference(
        name="a failed condition has no full stop in cancellation reasons",
        local="'The conditional request failed.'",
        service="'The conditional request failed'",
        source=_IN_THE_TABLE,
        texts=((r"The conditional request failed\.", "The conditional request failed"),),
    ),
    TextDifference(
        name="an update that fails in two places names the value that is missing",
        local="looks at the target or at another operand first",
        service="not settled: computes all values before it changes anything (captured), so looks at them first",
        source="developer guide, update expressions: all right-hand sides see the item before the update",
        takes="the values first",
        texts=(
            (
                "The document path provided in the update expression is invalid for update"
                "|The provided expression refers to an attribute that does not exist in the item"
                "|An operand in the update expression has an incorrect data type",
                "The provided expression refers to an attribute that does not exist in the item"
                "|An operand in the update expression has an incorrect data type",
            ),
        ),
    ),
    TextDifference(
        name="types are named by their letters",
        local="'… is not supported for the type STRING'",
        service="'… is not supported for the type S'",
        source="the API's names of types; the service's text is not captured",
        takes="the letters",
        texts=tuple(
            (f"{_INVALID}.* for the type {long}", f"{_INVALID}.* for the type {short}")
            for short, long in _TYPES.items()
        ),
    ),
    TextDifference(
        name="a key that is too long has the service's text",
        local="'Hash primary key values must be under 2048 bytes, and …', 'Size limit exceeded'",
        service="'Size of hashkey has exceeded the maximum size limit of2048 bytes', 'Aggregated size of all range …'",
        source=_IN_THE_TABLE,
        texts=(
            (
                f"Hash primary key values must be under .*|{_INVALID}Size limit exceeded",
                f"{_INVALID}(Size of hashkey|Aggregated size of all range keys|Size limit) .*exceeded .*",
            ),
        ),
    ),
    TextDifference(
        name="the operands of a function are checked as a whole",
        local="names an undefined value, or the type of an operand, before a function that cannot have it",
        service="not settled",
        source="no capture of an expression with both faults",
        takes="the function first",
        texts=(
            (
                "Invalid (.*): (An expression attribute value used|Incorrect operand type).*",
                "Invalid (.*): (Operator or function requires a document path|The first operand must be distinct).*",
            ),
        ),
    ),
    TextDifference(
        name="types that attribute_type knows are those of the API",
        local="lists types of its own making (DICT, HDS, DECIMALSET, …)",
        service="lists the ten types of attribute values",
        source="API reference, attribute_type; the order of the list is not settled",
        texts=((r".*attribute_type, operand type: \{.*", r".*attribute_type, operand type: \{.*"),),
    ),
    TextDifference(
        name="an empty value of an index's key is refused by a query as any key",
        local="'A value specified for a secondary index key is not supported. …'",
        service="not settled for queries; writes are refused so",
        source=_IN_THE_TABLE,
        takes="the text for keys",
        texts=(
            (
                ".*A value specified for a secondary index key is not supported.*",
                f"One or more parameter values are not.*|{_INVALID}Type mismatch for Index Key.*",
            ),
        ),
    ),
    TextDifference(
        name="a member that is null is a member that is not there",
        local="refuses a condition that is null by its attribute",
        service="drops nulls while it reads the request",
        source="answers captured on the service (wire protocol)",
        texts=(("The filter condition for an attribute cannot be null: .*", ".*"),),
    ),
    TextDifference(
        name="a name without characters is refused before its value is looked at",
        local="'Supplied AttributeValue is empty, …'",
        service="'Empty attribute name'",
        source=_IN_THE_TABLE,
        texts=(("Supplied AttributeValue is empty, .*", "Empty attribute name"),),
    ),
    TextDifference(
        name="an INSERT of a key that is there has the code DuplicateItem in a transaction",
        local="a text without a code of its own",
        service="'Duplicate primary key exists in table'",
        source="API reference, TransactionCanceledException",
        texts=((".*", "Duplicate primary key exists in table"),),
    ),
    TextDifference(
        name="a fault of a key condition names what it is about",
        local="leaves the prefix 'Invalid KeyConditionExpression' out, and calls keys of an index 'IndexKey'",
        service="has the prefix; 'Key' for what a query goes by",
        source=_IN_THE_TABLE,
        texts=(
            (
                "KeyConditionExpressions must only contain one condition per key",
                "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key",
            ),
            (
                "Key attributes must be scalars; .* are not allowed: IndexKey: .*",
                "Key attributes must be scalars; .* are not allowed: Key: .*",
            ),
        ),
    ),
    TextDifference(
        name="a key condition that no query supports is refused before its types are looked at",
        local="looks at the types of the values first",
        service="'Query key condition not supported'",
        source=_IN_THE_TABLE,
        texts=(
            (
                f"{_INVALID}Condition parameter type does not match .*|Query key condition not supported",
                "Query key condition not supported|Attempted conditional constraint is not an indexable operation",
            ),
        ),
    ),
    TextDifference(
        name="of two keys of another type the partition is named",
        local="names one of them",
        service="not settled",
        source="no capture of a statement with both faults",
        takes="the partition",
        texts=(("Key attribute's data type should match .*", "Key attribute's data type should match .*"),),
    ),
    TextDifference(
        name="a token that is used for another request is refused with a text",
        local="has no text",
        service="says that a request with the same token and other parameters was carried out",
        source="answers quoted by others; the whole text is not settled",
        texts=(("", ".*client request token.*|.*ClientRequestToken.*"),),
    ),
    TextDifference(
        name="a value for an index's key that is empty and of another type is refused for its type",
        local="says first that it is empty",
        service="not settled",
        source="no capture of a value with both faults",
        takes="the type first",
        texts=(
            (
                ".*attempted to update a secondary index key to a value that is not supported.*",
                "The update expression attempted to update the secondary index key to unsupported type",
            ),
        ),
    ),
    TextDifference(
        name="a value that is nested too deep is refused with the whole text",
        local="'Nesting Levels have exceeded supported limits'",
        service="'… supported limits: Attributes in the item have nested levels beyond supported limit'",
        source=_IN_THE_TABLE,
        texts=(
            (
                f"{_WRAPPED}Nesting Levels have exceeded supported limits.*",
                f"{_WRAPPED}Nesting Levels have exceeded supported limits: Attributes in the item .*",
            ),
        ),
    ),
    TextDifference(
        name="a query without a key condition is refused before its index is looked up",
        local="looks for the index first",
        service="'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.'",
        source="answers captured on the service (order of checks)",
        texts=(("The table does not have the specified index: .*", "Either the KeyConditions or KeyCondition.*"),),
    ),
    TextDifference(
        name="arithmetic beyond 38 digits overflows",
        local="'DynamoDB only supports precision up to 38 digits'",
        service="'Number overflow. Attempting to store a number with magnitude larger than supported range'",
        source="answers of the service quoted by others: 1e50 + 1",
        texts=(("DynamoDB only supports precision up to 38 digits", "Number overflow.*"),),
    ),
    TextDifference(
        name="segments of a scan are asked for in the service's words",
        local="'If segment is specified, total segment must also be specified'",
        service="'The TotalSegments parameter is required but was not present in the request when Segment …'",
        source=_IN_THE_TABLE,
        texts=(
            ("If (total )?segment.* is specified, .*", "The (TotalSegments|Segment) parameter is required .*"),
            (".*[sS]egment.*", ".*Segment.*"),
        ),
    ),
    TextDifference(
        name="attributes to get are named once",
        local="'Cannot have two attributes with the same name'",
        service="'Duplicate value in attribute name: x'",
        source=_IN_THE_TABLE,
        texts=(("Cannot have two attributes with the same name", f"{_INVALID}Duplicate value in attribute name: .*"),),
    ),
    TextDifference(
        name="statements are refused in the words of other requests",
        local="sentences of its own for empty statements and batches, and paths to a fault in another notation",
        service="as for other requests; 'under root[0]' for a fault in a literal",
        source=_IN_THE_TABLE,
        texts=(
            ("The statement was empty.|ExecutePartiQLTransaction can not have empty statement.", _CONSTRAINT),
            (
                "Consistent read cannot be true when (querying|scanning) a GSI",
                "Strongly consistent read is not supported on Global Secondary Indexes",
            ),
            ("(Validation failed in .*: )?Unsupported.*", "(Validation failed in .*: )?Unsupported.*"),
            ("Statement wasn't well formed.*", "Validation failed in TransactStatements.*: Statement wasn't well .*"),
            (
                "(Validation failed in .*: )?(A value provided cannot be converted|DynamoDB only supports).*",
                "(Validation failed in .*: )?(The parameter cannot be converted|Attempting to store more than).*",
            ),
            (
                f"{_INVALID}Condition parameter type does not match schema type|Key value must be of type S, N, or B.*",
                "Key attribute's data type should match its data type in table's schema: .*",
            ),
        ),
    ),
)
