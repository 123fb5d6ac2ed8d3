"""Which hosts and origins a server answers to: a web page in the developer's browser must not reach it.

Two ways lead from a page to a server on the same machine. The page sends a request to it (CSRF): browsers then name
the page in ``Origin``, and such a request is refused unless that origin was allowed. Or the page's own name is made
to point to this machine (DNS rebinding): then ``Host`` is that name, and is refused unless it was allowed. An address
in ``Host`` is always fine, since only names can be made to point elsewhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Mapping
from typing import Final

__all__ = ["Browsers", "is_loopback"]

_ALLOWED_HEADERS: Final = (
    "authorization, content-type, x-amz-content-sha256, x-amz-date, x-amz-security-token, x-amz-target, "
    "x-amz-user-agent, amz-sdk-invocation-id, amz-sdk-request"
)
_FETCHED_FROM_ELSEWHERE: Final = frozenset({"cross-site", "same-site"})


def is_loopback(host: str) -> bool:
    """Return whether a host, without its port, is this machine and cannot be reached from another one."""
    if host == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


class Browsers:
    """The allow-lists of a server.

    Args:
        hosts: names besides ``localhost`` and its subdomains that clients may call the server by.
        origins: origins such as ``http://localhost:3000`` whose pages may use it; ``*`` is all of them.
        any_host: names are not looked at: every request is signed with its ``Host``.
    """

    def __init__(self, hosts: Collection[str], origins: Collection[str], *, any_host: bool) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._origins = frozenset(origins)
        self._any_host = any_host
        self._known: set[str] = set()

    def allows_host(self, host: str | None) -> bool:
        """Return whether a request with this ``Host`` is answered."""
        if self._any_host or host in self._known:
            return True
        if host is None:
            return False
        name = _without_port(host).lower()
        allowed = name == "localhost" or name.endswith(".localhost") or name in self._hosts
        allowed = allowed or _address(name) is not None
        if allowed and len(self._known) < 64:  # clients write it in a few ways
            self._known.add(host)
        return allowed

    def allows_origin(self, origin: str | None, fetch_site: str | None) -> bool:
        """Return whether a request that a browser's page sent, if one did, is answered."""
        if origin is None:
            return fetch_site not in _FETCHED_FROM_ELSEWHERE
        # The answer names the origin, so it has to be one that a header can hold.
        return origin in self._origins or ("*" in self._origins and origin != "null" and origin.isascii())

    def headers_for(self, origin: str | None, *, is_preflight: bool) -> Mapping[str, str]:
        """Return the headers that let a page of an allowed origin read the answer."""
        if origin is None:
            return {}
        headers = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "x-amzn-RequestId, x-amz-crc32",
            "Vary": "Origin",
        }
        if is_preflight:
            headers |= {
                "Access-Control-Allow-Methods": "POST, GET, OPTIONS",
                "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
                "Access-Control-Max-Age": "172800",
            }
        return headers


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
