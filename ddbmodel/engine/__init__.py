"""The embedded engine: a DynamoDB in the process, in memory or on one file."""
