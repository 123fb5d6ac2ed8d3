"""PartiQL as the service speaks it: text to a statement whose conditions and updates are the trees of expressions.

```
text ── tokens ── parse ──► syntax tree       everything that a reader of the grammar can find wrong
syntax tree + parameters ── statements ──► a statement       Select | Insert | UpdateItem | Delete | Exists
```
A statement is parsed whole before anything in it is looked at, as the service does. Parentheses, lists and operators
may be as deep as a text of 8,192 characters allows; nothing here recurses on them.

Source: AWS Developer Guide, "PartiQL - a SQL-compatible query language for Amazon DynamoDB"; the grammar of PartiQL
(partiql.org); answers captured on the service in 2026; DynamoDB Local 1.25.1 where these are silent.
"""
