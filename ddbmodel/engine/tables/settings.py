"""Encryption and table class: kept, described, and changed by the service's rules; they change nothing else here.

Source: seen on the service in us-west-2, October 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from ddbmodel.engine.arn import ACCOUNT_ID
from ddbmodel.engine.messages import tables as messages
from ddbmodel.engine.messages.message import refused

__all__ = [
    "changed_class",
    "changed_encryption",
    "class_summary",
    "encryption_description",
    "new_class",
    "new_encryption",
]

_STANDARD: Final = "STANDARD"
_CLASSES: Final = (_STANDARD, "STANDARD_INFREQUENT_ACCESS")
_CLASS_CHANGES: Final = 2
_CLASS_WINDOW_S: Final = 30 * 86400.0


def new_encryption(specification: Mapping[str, Any] | None, region: str) -> dict[str, Any] | None:
    """Return the key that a table is encrypted with, or None when it is the service's own."""
    specification = specification or {}
    enabled, type_, key = (specification.get(name) for name in ("Enabled", "SSEType", "KMSMasterKeyId"))
    if enabled is False:
        for member, value in (("SSEType", type_), ("KMSMasterKeyId", key)):
            if value is not None:
                raise refused(messages.KEY_TYPE_WITHOUT_ENCRYPTION, member=member)
    if type_ == "AES256":
        raise refused(messages.KEY_TYPE_NOT_SUPPORTED)
    if key is not None and type_ is None:
        raise refused(messages.KEY_WITHOUT_KEY_TYPE)
    if not enabled and type_ is None:
        return None
    return {"SSEType": "KMS", "KMSMasterKeyArn": _key_arn(key, region)}


def changed_encryption(
    current: Mapping[str, Any] | None, specification: Mapping[str, Any], region: str, now_s: float, until_s: float
) -> dict[str, Any]:
    """Return the key of a table after a change of its encryption; without ``SSEType`` it is the service's own again."""
    if current is not None and now_s < current.get("Until", 0.0):
        raise refused(messages.ENCRYPTION_BEING_UPDATED)
    key = None if current is None or "SSEType" not in current else current["KMSMasterKeyArn"]
    encryption = new_encryption(specification, region)
    if encryption is None:
        if key is None:
            raise refused(messages.ENCRYPTED_BY_DEFAULT)
        return {"KMSMasterKeyArn": key, "Until": until_s}
    if "KMSMasterKeyId" in specification and encryption["KMSMasterKeyArn"] == key:
        raise refused(messages.ENCRYPTED_WITH_THIS_KEY)
    return encryption | {"Until": until_s}


def encryption_description(encryption: Mapping[str, Any], now_s: float) -> dict[str, Any] | None:
    """Return an ``SSEDescription``; None when the key is the service's own."""
    is_changing = now_s < encryption.get("Until", 0.0)
    if "SSEType" not in encryption and not is_changing:
        return None
    status = "UPDATING" if is_changing else "ENABLED"
    return {"Status": status, "SSEType": "KMS", "KMSMasterKeyArn": encryption["KMSMasterKeyArn"]}


def new_class(asked: str) -> dict[str, Any] | None:
    """Return the class of a new table; a table that has always been of the standard class is described without one."""
    if asked not in _CLASSES:
        raise refused(messages.UNKNOWN_CLASS)
    return None if asked == _STANDARD else {"TableClass": asked}


def changed_class(current: Mapping[str, Any] | None, asked: str, now_s: float, until_s: float) -> dict[str, Any] | None:
    """Return the class of a table after a change, with the moments of the latest; None when it never had another."""
    new_class(asked)
    known = current or {"TableClass": _STANDARD}
    recent = [moment for moment in known.get("Changes", ()) if moment > now_s - _CLASS_WINDOW_S]
    if len(recent) >= _CLASS_CHANGES:
        raise refused(messages.TOO_MANY_CLASS_CHANGES)
    if known["TableClass"] == asked:
        return None if current is None else dict(current)
    before = None if current is None else class_summary(current, now_s)
    return {"TableClass": asked, "Changes": [*recent, now_s], "Previous": before, "Until": until_s}


def class_summary(class_: Mapping[str, Any], now_s: float) -> dict[str, Any] | None:
    """Return a ``TableClassSummary``, or None when there is nothing to say."""
    if now_s < class_.get("Until", 0.0):
        previous: dict[str, Any] | None = class_["Previous"]
        return previous
    summary: dict[str, Any] = {"TableClass": class_["TableClass"]}
    if class_.get("Changes"):
        summary["LastUpdateDateTime"] = class_["Changes"][-1]
    return summary


def _key_arn(key: str | None, region: str) -> str:
    if key is not None and key.startswith("arn:"):
        return key
    # The key that the service manages for the account has an id of its own, always the same.
    name = key or str(uuid5(NAMESPACE_OID, f"aws/dynamodb in {region}"))
    return f"arn:aws:kms:{region}:{ACCOUNT_ID}:{name if name.startswith('alias/') else 'key/' + name}"
