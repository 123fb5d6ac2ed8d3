"""The differential test: random programs of requests to the engine and to DynamoDB Local.

`generator` makes programs, `backends` ask, `agreement` compares, `differences` lists where the two are known to part,
`runner` runs a program and shrinks one that failed. ``python -m differential`` in this folder's parent surveys many.
"""
