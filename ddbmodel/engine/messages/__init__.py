"""Every text that the engine refuses a request with, in one place, each with its source and its wordings.

A file holds the messages of one subject; `message.py` says what a message is. Handlers raise ``refused(MESSAGE,
name=value)``, which says what is wrong; how it is worded depends on the operation and is decided at the boundary.
"""
