"""When two attribute values are the same value: sets without order, everything else by structure.

Numbers are compared by their text, so both sides must be canonical.
"""

from __future__ import annotations

from ddbmodel.values.wire import SET_TAGS, AttributeValue

__all__ = ["same_item", "same_value"]


def same_value(left: AttributeValue, right: AttributeValue) -> bool:
    """Return whether two attribute values are equal as the service compares them."""
    pending: list[tuple[AttributeValue, AttributeValue]] = [(left, right)]
    while pending:
        one, other = pending.pop()
        if one is other:
            continue
        if len(one) != 1 or one.keys() != other.keys():
            return False
        for tag, inner in one.items():
            facing = other[tag]
            if tag == "M":
                if inner.keys() != facing.keys():
                    return False
                pending.extend((value, facing[name]) for name, value in inner.items())
            elif tag == "L":
                if len(inner) != len(facing):
                    return False
                pending.extend(zip(inner, facing, strict=True))
            elif tag in SET_TAGS:
                if set(inner) != set(facing):
                    return False
            elif inner != facing:
                return False
    return True


def same_item(left: dict[str, AttributeValue], right: dict[str, AttributeValue]) -> bool:
    """Return whether two items hold the same attributes with the same values."""
    if left.keys() != right.keys():
        return False
    for name, one in left.items():
        other = right[name]
        # Equal data is an equal value; of the rest only sets in another order are, which most attributes are not.
        if one != other and ("S" in one or "N" in one or not same_value(one, other)):
            return False
    return True
