"""Executors: where a request goes to be answered."""
