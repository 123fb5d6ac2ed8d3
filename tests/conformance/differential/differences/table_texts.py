"""Texts of DynamoDB Local's own for definitions of tables and indexes."""

from __future__ import annotations

from differential.differences.difference import Difference, TextDifference

__all__ = ["TABLE_TEXT_DIFFERENCES"]

_INVALID = "One or more parameter values were invalid: "

TABLE_TEXT_DIFFERENCES: tuple[Difference, ...] = (
    TextDifference(
        name="a definition of a table is refused in the service's words",
        local="sentences of its own: 'Cannot have two attributes with the same name', 'GSI list is empty/invalid', …",
        service="'One or more parameter values were invalid: …' with the names of what is wrong",
        source="each text has its source beside it, in `ddbmodel/engine/messages/`",
        texts=(
            ("Cannot have two attributes with the same name", "Attribute Name is duplicated: .*"),
            ("Cannot have two attributes with the same name", f"{_INVALID}Duplicate element in NonKeyAttributes.*"),
            ("Two keys can not have the same name", "Both the Hash Key and the Range Key element .* same name"),
            (
                r"(Local|Global) Secondary Index \w+ key not specified in Attribute Definitions.*"
                r"|(Hash|Range) Key not specified in Attribute Definitions.*",
                f"({_INVALID}|Invalid KeySchema: )(Some index key attribute|Number of attributes in KeySchema).*",
            ),
            (
                "The number of attributes in key schema must match the number of attributes defined in attribute .*",
                f"{_INVALID}(Some AttributeDefinitions are not used|Number of attributes in KeySchema).*",
            ),
            ("(GSI|LSI) list is empty/invalid", f"{_INVALID}List of (Global|Local)SecondaryIndexes is empty"),
            ("No provisioned throughput specified.*", f"{_INVALID}.*(ProvisionedThroughput|ReadCapacityUnits).*"),
            ("Cannot have more than .* secondary indexes per table", f"{_INVALID}.*SecondaryInd.*"),
            ("Two (global|local) secondary indices have the same name", f"{_INVALID}Duplicate index name: .*"),
            ("Local Secondary indices must have the same hash key.*", f"{_INVALID}Index KeySchema does not .*"),
            ("GlobalSecondaryIndex count exceeds the per-table limit", f"{_INVALID}GlobalSecondaryIndex count .*"),
            ("Update global secondary index action is null", f"{_INVALID}One of GlobalSecondaryIndexUpdate.*"),
            ("Local secondary indices must have a range key", f"{_INVALID}Index KeySchema does not have a range .*"),
            ("Local Secondary indices are not allowed on hash tables.*", f"{_INVALID}Table KeySchema does not .*"),
            ("Nothing to update", "At least one of ProvisionedThroughput, BillingMode, .* is required"),
            (
                "Only one global secondary index update per index is allowed simultaneously.*",
                f"{_INVALID}Only one global secondary index update per index is allowed simultaneously.*",
            ),
            ("Table has no stream to disable", "Table has no stream to disable: TableName: .*"),
            ("invalid attribute, SchemaElement redefined .*", f"{_INVALID}Attributes cannot be redefined.*"),
            ("Requested resource not found", "Requested resource not found: Index .* for table .*"),
            ("Attempting to create an index which already exists.*", f"{_INVALID}.*(Duplicate i|I)ndex.*"),
            ("Table already has an enabled stream", "Table already has an enabled stream: TableName: .*"),
            ("No attributes should be specified to be projected.*", f"{_INVALID}ProjectionType is .*"),
            ("If Projection type INCLUDE is specified.*", f"{_INVALID}ProjectionType is INCLUDE.*"),
            ("TimeToLive is active on a different AttributeName", "TimeToLive is active on a different Attri.*: .*"),
            ("The requested throughput value equals.*", "The provisioned throughput for the table will not change.*"),
            ("Projection type must be.*|Invalid StreamViewType: .*", r"\d+ validation errors? detected: .*"),
            ("Key Schema too big.*|AttributeName cannot be null when.*", r"\d+ validation errors? detected: .*"),
            ("Two or more indexes.*|.*[dD]uplicate index name.*", f"{_INVALID}Duplicate index name: .*"),
        ),
    ),
)
