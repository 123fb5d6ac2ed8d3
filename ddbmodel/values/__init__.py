"""Attribute values on the wire: the lowest layer, shared by mapper and engine; pure functions on plain dicts.

An attribute value is the JSON API's one-key dict (``{"S": "a"}``), an item a dict of them, binary is base64 text.
"""
