"""What operations on tables are refused with: names, states, keys, indexes, and settings that hold one by one.

Capacity is in `capacity_settings.py`, tags and time to live in `table_features.py`.
"""

from __future__ import annotations

from typing import Final

from ddbmodel.engine.messages.message import Message

__all__ = [
    "ARN_MALFORMED",
    "ARN_OF_ANOTHER_ACCOUNT",
    "ARN_OF_ANOTHER_PARTITION",
    "ARN_OF_ANOTHER_REGION",
    "ARN_OF_ANOTHER_RESOURCE",
    "ATTRIBUTES_REDEFINED",
    "ATTRIBUTES_WITHOUT_INCLUDE",
    "ATTRIBUTE_DEFINED_TWICE",
    "ATTRIBUTE_INCLUDED_TWICE",
    "CAPACITY_BEING_UPDATED",
    "CAPACITY_BLOCKS_INDEX",
    "CAPACITY_BLOCKS_ON_DEMAND",
    "CAPACITY_BLOCKS_STREAM",
    "CLASS_BLOCKS_CLASS",
    "CLASS_BLOCKS_INDEX",
    "CLASS_BLOCKS_STREAM",
    "DEFINITIONS_NOT_USED",
    "DEFINITIONS_WITHOUT_KEY",
    "DUPLICATE_INDEX_NAME",
    "EMPTY_LIST",
    "ENABLED_WITHOUT_VIEW",
    "ENCRYPTED_BY_DEFAULT",
    "ENCRYPTED_WITH_THIS_KEY",
    "ENCRYPTION_BEING_UPDATED",
    "FIRST_NOT_HASH",
    "HASH_AFTER_RANGE",
    "HASH_AND_RANGE_SAME",
    "INCLUDE_WITHOUT_ATTRIBUTES",
    "INDEXES_KEEP_TABLE",
    "INDEX_BEING_ALLOCATED",
    "INDEX_BEING_DELETED",
    "INDEX_BEING_FILLED",
    "INDEX_BEING_UPDATED",
    "INDEX_BLOCKS_CAPACITY",
    "INDEX_BLOCKS_ON_DEMAND",
    "INDEX_BLOCKS_STREAM",
    "INDEX_EXISTS",
    "INDEX_NOT_FILLING_YET",
    "INDEX_NOT_FOUND",
    "INDEX_WITHOUT_DEFINITIONS",
    "INDEX_WITHOUT_RANGE_KEY",
    "INDEX_WITH_CAPACITY",
    "INDEX_WITH_STREAM",
    "INDEX_WITH_WARM_THROUGHPUT",
    "KEYS_NOT_DEFINED",
    "KEY_NAMED_TWICE",
    "KEY_TYPE_NOT_SUPPORTED",
    "KEY_TYPE_WITHOUT_ENCRYPTION",
    "KEY_WITHOUT_DEFINITION",
    "KEY_WITHOUT_KEY_TYPE",
    "MUST_BE_ALONE",
    "NOTHING_TO_UPDATE",
    "NOT_AVAILABLE",
    "NOT_A_GLOBAL_INDEX",
    "NO_INDEX_ACTION",
    "NO_PROJECTION_TYPE",
    "NO_ROOM_FOR_INDEX",
    "NO_STREAM_TO_DISABLE",
    "ONE_INDEX_ACTION",
    "ONE_ONLINE_INDEX",
    "ONE_UPDATE_PER_INDEX",
    "ON_DEMAND_NOT_ALONE",
    "OTHER_HASH_KEY",
    "RESOURCE_NOT_FOUND",
    "SECOND_NOT_RANGE",
    "STREAM_BLOCKS_CAPACITY",
    "STREAM_BLOCKS_CLASS",
    "STREAM_BLOCKS_INDEX",
    "STREAM_BLOCKS_STREAM",
    "STREAM_ENABLED_ALREADY",
    "STREAM_KEEPS_TABLE",
    "STREAM_WITHOUT_VIEW",
    "STREAM_WITH_CAPACITY",
    "TABLE_BEING_CREATED",
    "TABLE_BEING_DELETED",
    "TABLE_BEING_UPDATED",
    "TABLE_EXISTS",
    "TABLE_NOT_FOUND",
    "TABLE_NOT_FOUND_BY_BACKUPS",
    "TABLE_PROTECTED",
    "TABLE_WITHOUT_RANGE_KEY",
    "TOO_MANY_CHANGING",
    "TOO_MANY_CLASS_CHANGES",
    "TOO_MANY_GLOBAL_INDEXES",
    "TOO_MANY_KEYS",
    "TOO_MANY_LOCAL_INDEXES",
    "TOO_MANY_PROJECTED",
    "TOO_MANY_TABLES",
    "UNKNOWN_CLASS",
    "VIEW_WHEN_DISABLED",
    "VIEW_WITHOUT_STREAM",
]

_INVALID: Final = "One or more parameter values were invalid: "
_IN_USE: Final = "Attempt to change a resource which is still in use: "
_SEEN: Final = "seen on the service in us-west-2 and us-east-1, October 2026"
_KNOWN: Final = "captured on the service, 2013 to 2026"
_OURS: Final = "ours: the service has this, the engine does not"

# Names

TABLE_NOT_FOUND: Final = Message(
    "Requested resource not found: Table: {table} not found", _KNOWN, code="ResourceNotFoundException"
)
RESOURCE_NOT_FOUND: Final = Message("Requested resource not found", _KNOWN, code="ResourceNotFoundException")
TABLE_NOT_FOUND_BY_BACKUPS: Final = Message("Table not found: {table}", _SEEN, code="TableNotFoundException")
TABLE_EXISTS: Final = Message("Table already exists: {table}", _KNOWN, code="ResourceInUseException")
ARN_OF_ANOTHER_REGION: Final = Message("1 validation error detected: Invalid AWS region in '{arn}'", _SEEN)
ARN_OF_ANOTHER_PARTITION: Final = Message("1 validation error detected: Invalid AWS partition in '{arn}'", _SEEN)
ARN_OF_ANOTHER_RESOURCE: Final = Message("1 validation error detected: Invalid resource type in '{arn}'", _SEEN)
ARN_OF_ANOTHER_ACCOUNT: Final = Message("Access is denied", _SEEN, code="AccessDeniedException")
ARN_MALFORMED: Final = Message(
    "1 validation error detected: Value '{arn}' at 'tableName' failed to satisfy constraint: Valid ARN format is "
    "'arn:<awsPartition>:<vendor>:<region>:<subscriber>:resourceType/resourceName', where Resource name must have "
    "length less than or equal to 255, Resource name must have length greater than or equal to 3, Resource name must "
    "satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    "seen on the service, 2026; its beginning in October 2026",
)

# States

TABLE_BEING_CREATED: Final = Message(_IN_USE + "Table is being created: {table}", _SEEN, code="ResourceInUseException")
TABLE_BEING_DELETED: Final = Message(_IN_USE + "Table is being deleted: {table}", _SEEN, code="ResourceInUseException")
TABLE_BEING_UPDATED: Final = Message(
    _IN_USE + "Table: {table} is in the process of being updated.", _SEEN, code="ResourceInUseException"
)
INDEXES_KEEP_TABLE: Final = Message(
    _IN_USE + "Cannot delete table while indexes are being created, updated, or deleted.",
    _SEEN,
    code="ResourceInUseException",
)
STREAM_KEEPS_TABLE: Final = Message(
    _IN_USE + "Cannot delete table while stream is being enabled/disabled.", _SEEN, code="ResourceInUseException"
)
CAPACITY_BEING_UPDATED: Final = Message(
    _IN_USE + "Table IOPS are currently being updated. Table: {table}", _SEEN, code="ResourceInUseException"
)
CAPACITY_BLOCKS_INDEX: Final = Message(
    _IN_USE + "Can't create or delete indexes while table IOPS are being updated. Table: {table}",
    _SEEN,
    code="ResourceInUseException",
)
CAPACITY_BLOCKS_STREAM: Final = Message(
    _IN_USE + "Can't enable or disable stream while table IOPS are being updated. Table: {table}",
    _SEEN,
    code="ResourceInUseException",
)
CAPACITY_BLOCKS_ON_DEMAND: Final = Message(
    _IN_USE + "OnDemandThroughput cannot be updated while BillingMode update is in progress",
    _SEEN,
    code="ResourceInUseException",
)
STREAM_BLOCKS_CAPACITY: Final = Message(
    _IN_USE + "Can't change table IOPS when stream status is being updated. Table: {table} Stream: {stream} "
    "Operation: {operation}",
    _SEEN,
    code="ResourceInUseException",
)
STREAM_BLOCKS_INDEX: Final = Message(
    _IN_USE + "Can't create or delete an index when stream status is being updated. Table: {table} Stream: {stream} "
    "Operation: {operation}",
    _SEEN,
    code="ResourceInUseException",
)
STREAM_BLOCKS_STREAM: Final = Message(
    _IN_USE + "A stream status change is currently in progress. Table: {table} Stream: {stream} Operation: {operation}",
    _SEEN,
    code="ResourceInUseException",
)
STREAM_BLOCKS_CLASS: Final = Message(
    _IN_USE + "Can't update table class when stream status is being updated. Table: {table} Stream: {stream} "
    "Operation: {operation}",
    _SEEN,
    code="ResourceInUseException",
)
CLASS_BLOCKS_CLASS: Final = Message(
    _IN_USE + "Can't update table class when a table class update is in progress. Table: {table} "
    "TableClassUpdateInProgress: {table_class}",
    _SEEN,
    code="ResourceInUseException",
)
CLASS_BLOCKS_STREAM: Final = Message(
    _IN_USE + "Can't change stream status when a table class update is in progress. Table: {table} "
    "TableClassUpdateInProgress: {table_class}",
    _SEEN,
    code="ResourceInUseException",
)
CLASS_BLOCKS_INDEX: Final = Message(
    _IN_USE + "Can't create or delete an index when a table class update is in progress. Table: {table} "
    "TableClassUpdateInProgress: {table_class}",
    _SEEN,
    code="ResourceInUseException",
)
INDEX_BLOCKS_CAPACITY: Final = Message(
    _IN_USE + "Can't change table IOPS when an index is being {what}. Table: {table} Indexes: [{indexes}]",
    _SEEN,
    code="ResourceInUseException",
)
INDEX_BLOCKS_STREAM: Final = Message(
    _IN_USE + "Can't change stream status when an index is being {what}. Table: {table} Indexes: [{indexes}]",
    _SEEN,
    code="ResourceInUseException",
)
INDEX_BLOCKS_ON_DEMAND: Final = Message(
    _IN_USE + "OnDemandThroughput cannot be updated while index {what} is in progress for indexes: [{indexes}]",
    _SEEN,
    code="ResourceInUseException",
)
INDEX_NOT_FILLING_YET: Final = Message(
    _IN_USE + "Index is being created but is not backfilling yet.  Table: {table} Index: {index}",
    _SEEN + ", with two spaces",
    code="ResourceInUseException",
)
INDEX_BEING_ALLOCATED: Final = Message(
    _IN_USE + "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when the "
    "index is active. Table: {table} Index: {index}",
    _SEEN,
    code="ResourceInUseException",
)
INDEX_BEING_DELETED: Final = Message(
    _IN_USE + "Index is being deleted. Table: {table} Index: {index}", _SEEN, code="ResourceInUseException"
)
INDEX_BEING_UPDATED: Final = Message(
    _IN_USE + "Index is being updated. Table: {table} Index: {index}", _SEEN, code="ResourceInUseException"
)
INDEX_BEING_FILLED: Final = Message(
    "Cannot read from backfilling global secondary index: {index}",
    "reported from the service by several projects, 2019 to 2026",
)
ENCRYPTION_BEING_UPDATED: Final = Message(
    _IN_USE + "Server-Side Encryption is still being updated", _SEEN, code="ResourceInUseException"
)
TABLE_PROTECTED: Final = Message(
    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
    _SEEN,
)

# Keys and attributes

ATTRIBUTE_DEFINED_TWICE: Final = Message("Attribute Name is duplicated: {name}", _SEEN)
KEY_WITHOUT_DEFINITION: Final = Message("Invalid KeySchema: Some index key attribute have no definition", _SEEN)
KEYS_NOT_DEFINED: Final = Message(
    _INVALID + "Some index key attributes are not defined in AttributeDefinitions. Keys: [{keys}], "
    "AttributeDefinitions: [{definitions}]",
    _SEEN,
)
HASH_AND_RANGE_SAME: Final = Message(
    "Both the Hash Key and the Range Key element in the KeySchema have the same name", _SEEN
)
KEY_NAMED_TWICE: Final = Message("The KeySchema contains multiple key attributes with the same name", _SEEN)
FIRST_NOT_HASH: Final = Message("Invalid KeySchema: The first KeySchemaElement is not a HASH key type", _SEEN)
SECOND_NOT_RANGE: Final = Message("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type", _SEEN)
HASH_AFTER_RANGE: Final = Message(
    _INVALID + "All HASH key attributes must precede RANGE key attributes in the KeySchema", _SEEN
)
TOO_MANY_KEYS: Final = Message(
    _INVALID + "The KeySchema exceeds the maximum allowed number of {kind} key attributes", _SEEN
)
DEFINITIONS_WITHOUT_KEY: Final = Message(
    _INVALID + "Number of attributes in KeySchema does not exactly match number of attributes defined in "
    "AttributeDefinitions",
    _SEEN,
)
DEFINITIONS_NOT_USED: Final = Message(
    _INVALID + "Some AttributeDefinitions are not used. AttributeDefinitions: [{definitions}], keys used: [{keys}]",
    _SEEN,
)
ATTRIBUTES_REDEFINED: Final = Message(
    _INVALID + "Attributes cannot be redefined. Please check that your attribute has the same type as previously "
    "defined. Existing schema: {existing} New schema: {new}",
    "captured on the service by the authors of a client, 2019 and later",
)

# Indexes

EMPTY_LIST: Final = Message(_INVALID + "List of {member} is empty", _SEEN)
DUPLICATE_INDEX_NAME: Final = Message(_INVALID + "Duplicate index name: {index}", _SEEN)
TOO_MANY_GLOBAL_INDEXES: Final = Message(
    _INVALID + "GlobalSecondaryIndex count exceeds the per-table limit of {most}", _SEEN
)
TOO_MANY_LOCAL_INDEXES: Final = Message(
    _INVALID + "Number of LocalSecondaryIndexes exceeds per-table limit of {most}", _SEEN
)
NO_ROOM_FOR_INDEX: Final = Message(
    "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of {most}",
    _SEEN,
    code="LimitExceededException",
)
TOO_MANY_TABLES: Final = Message(
    "Subscriber limit exceeded: There is a limit of {most} tables per subscriber",
    "answers of the service quoted in public issues, 2017; the number of today: developer guide, 'Quotas'",
    code="LimitExceededException",
)
TOO_MANY_CHANGING: Final = Message(
    "Subscriber limit exceeded: Only {most} tables can be created, updated, or deleted simultaneously",
    "answers of the service quoted in public issues, 2014 to 2018; the number of today: developer guide, 'Quotas'",
    code="LimitExceededException",
)
TOO_MANY_PROJECTED: Final = Message(
    _INVALID + "Total number of projected attributes in all indexes exceeds the per-table limit of {most}",
    "limit: Developer Guide, 'Quotas', secondary indexes; the words are ours",
)
TABLE_WITHOUT_RANGE_KEY: Final = Message(
    _INVALID + "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
    _SEEN,
)
INDEX_WITHOUT_RANGE_KEY: Final = Message(
    _INVALID + "Index KeySchema does not have a range key for index: {index}", _SEEN
)
OTHER_HASH_KEY: Final = Message(
    _INVALID + "Index KeySchema does not have the same leading hash key as table KeySchema for index: {index}. "
    "index hash key: {ours}, table hash key: {theirs}",
    _SEEN,
)
NO_PROJECTION_TYPE: Final = Message(_INVALID + "Unknown ProjectionType: null", _SEEN)
INCLUDE_WITHOUT_ATTRIBUTES: Final = Message(
    _INVALID + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified", _SEEN
)
ATTRIBUTES_WITHOUT_INCLUDE: Final = Message(
    _INVALID + "ProjectionType is {type}, but NonKeyAttributes is specified", _SEEN
)
ATTRIBUTE_INCLUDED_TWICE: Final = Message(_INVALID + "Duplicate element in NonKeyAttributes: {name}", _SEEN)

# What UpdateTable can do at once

NOTHING_TO_UPDATE: Final = Message(
    "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates, "
    "SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, "
    "DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required",
    _SEEN,
    classic="At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
    "SSESpecification or ReplicaUpdates is required",
)
MUST_BE_ALONE: Final = Message(_INVALID + "{what} must be the only operation in the request", _SEEN)
ON_DEMAND_NOT_ALONE: Final = Message(
    _INVALID + "OnDemandThroughput can only be combined with BillingMode in an UpdateTable request", _SEEN
)
STREAM_WITH_CAPACITY: Final = Message(_INVALID + "You cannot modify stream status while updating table IOPS", _SEEN)
INDEX_WITH_CAPACITY: Final = Message(_INVALID + "You cannot create or delete index while updating table IOPS", _SEEN)
INDEX_WITH_STREAM: Final = Message(_INVALID + "You cannot create or delete index while changing stream status", _SEEN)
INDEX_WITH_WARM_THROUGHPUT: Final = Message(
    _INVALID + "Create global secondary index cannot be specified when updating WarmThroughput", _SEEN
)
ONE_INDEX_ACTION: Final = Message(
    _INVALID + "Only one global secondary index action is allowed per GlobalSecondaryIndexUpdate object", _SEEN
)
NO_INDEX_ACTION: Final = Message(
    _INVALID + "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
    "GlobalSecondaryIndexUpdate.Delete must not be null",
    _SEEN,
)
ONE_UPDATE_PER_INDEX: Final = Message(
    _INVALID + "Only one global secondary index update per index is allowed simultaneously. Index: {index}", _SEEN
)
ONE_ONLINE_INDEX: Final = Message(
    "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    _SEEN,
    code="LimitExceededException",
)
INDEX_NOT_FOUND: Final = Message(
    "Requested resource not found: Index {index} for table {table}", _SEEN, code="ResourceNotFoundException"
)
NOT_A_GLOBAL_INDEX: Final = Message("Cannot {action} an index that is not a GlobalSecondaryIndex: {index}", _SEEN)
INDEX_EXISTS: Final = Message("Attempting to create an index which already exists", _SEEN)
INDEX_WITHOUT_DEFINITIONS: Final = Message(_INVALID + "AttributeDefinitions is not specified for index: {index}", _SEEN)

# Other settings

STREAM_WITHOUT_VIEW: Final = Message(
    _INVALID + "Table is being created with a stream enabled, UpdateViewType is required", _SEEN
)
VIEW_WITHOUT_STREAM: Final = Message(
    _INVALID + "Table is being created with a stream disabled, UpdateViewType should not be specified", _SEEN
)
ENABLED_WITHOUT_VIEW: Final = Message(_INVALID + "If stream is being enabled then UpdateViewType is required", _SEEN)
VIEW_WHEN_DISABLED: Final = Message(
    _INVALID + "If stream is being disabled, then UpdateViewType must not be specified", _SEEN
)
STREAM_ENABLED_ALREADY: Final = Message("Table already has an enabled stream: TableName: {table}", _SEEN)
NO_STREAM_TO_DISABLE: Final = Message("Table has no stream to disable: TableName: {table}", _SEEN)
KEY_TYPE_WITHOUT_ENCRYPTION: Final = Message(_INVALID + "{member} can not be specified if Enabled is false", _SEEN)
KEY_WITHOUT_KEY_TYPE: Final = Message(_INVALID + "SSEType KMS is required if KMSMasterKeyId is specified", _SEEN)
KEY_TYPE_NOT_SUPPORTED: Final = Message(_INVALID + "SSEType AES256 is not supported", _SEEN)
ENCRYPTED_BY_DEFAULT: Final = Message(_INVALID + "Table is already encrypted by default", _SEEN)
ENCRYPTED_WITH_THIS_KEY: Final = Message(
    _INVALID + "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to "
    "change Master Key",
    _SEEN,
)
UNKNOWN_CLASS: Final = Message(
    "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, "
    "STANDARD_INFREQUENT_ACCESS].",
    _SEEN,
)
TOO_MANY_CLASS_CHANGES: Final = Message(
    "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 day(s).",
    _SEEN,
    code="LimitExceededException",
)
NOT_AVAILABLE: Final = Message(_INVALID + "{member} is not available here", _OURS)
