"""From typed calls to requests of the service, and from its answers to models: single items, queries, batches,
transactions.
"""
