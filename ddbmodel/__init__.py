"""ddbmodel: an async object-document mapper for DynamoDB with an embedded, crash-safe engine."""
