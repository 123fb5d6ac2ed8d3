"""The engine behind HTTP, in the two JSON protocols of DynamoDB and DynamoDB Streams.

`settings.py` says what is served and refuses what is not safe; `running.py` starts and stops; `handler.py` is the way
of one request: host and origin, signature, body, engine, answer. What decides in there is pure and stands alone:
`signature.py`, `browsers.py`, `json_body.py`, `answers.py`.
"""

from __future__ import annotations
