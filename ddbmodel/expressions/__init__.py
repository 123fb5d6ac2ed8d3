"""One expression grammar, both directions: the tree that is built and rendered is the tree that is parsed and run.

Law: ``resolve(parse(render(tree))) == tree``. The query builder renders, the engine parses and evaluates, stream
filters evaluate; nothing here knows models, tables or I/O.
"""
