"""What DynamoDB answers, fact by fact: our own written list, checked on any backend that can be asked.

`form.py` is how a fact is written, `matching.py` how its expectation is held against an answer, `tables.py` the tables
that facts share, `backends.py` who can be asked. The facts themselves are in the modules named after a subject; `ALL`
in `collection.py` holds them. ``python -m facts`` (in `tests/conformance`) asks DynamoDB Local and moto's server too.
"""
