"""Addresses of sockets, as a call names them: their kind, and how a report names them."""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from dataclasses import dataclass

__all__ = ["Address", "kind_of_socket", "read_address"]

_LONGEST_NAME = 200
_KINDS = {
    1: "Unix", 2: "IPv4", 3: "AX.25", 10: "IPv6", 16: "netlink", 17: "packet", 29: "CAN", 30: "TIPC", 31: "Bluetooth",
    38: "kernel cryptography", 40: "vsock", 44: "XDP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """Where a socket is to go.

    Attributes
    ----------
    kind : str
        ``none``, ``path``, ``abstract``, ``network``, ``other``.
    text : str
        As a report names it.
    raw : bytes
        The path, or the abstract name.
    port : int
        Of the network.
    loopback : bool
        Whether it stays on this machine.
    """

    kind: str
    text: str = ""
    raw: bytes = b""
    port: int = 0
    loopback: bool = False


def kind_of_socket(family: int) -> str:
    """Name a kind of socket."""
    return f"a {_KINDS.get(family, f'family {family}')} socket"


def read_address(data: bytes) -> Address:
    r"""Read what is in memory where a call names an address.

    Examples
    --------
    >>> import socket, struct
    >>> read_address(struct.pack("=H", socket.AF_UNIX) + b"/run/store.sock\0")
    Address(kind='path', text='/run/store.sock', raw=b'/run/store.sock', port=0, loopback=False)
    >>> read_address(struct.pack("=H", socket.AF_INET) + bytes([21, 56, 127, 0, 0, 1]) + bytes(8)).text
    '127.0.0.1:5432'
    """
    if len(data) < 2:
        return Address("none")
    family = struct.unpack_from("=H", data)[0]
    if family == socket.AF_UNSPEC:
        return Address("none")
    if family == socket.AF_UNIX:
        return _of_this_machine(data[2:])
    if family == socket.AF_INET and len(data) >= 8:
        return _of_the_network(data[4:8], data)
    if family == socket.AF_INET6 and len(data) >= 24:
        return _of_the_network(data[8:24], data)
    return Address("other", kind_of_socket(family))


def _of_this_machine(name: bytes) -> Address:
    if not name:
        return Address("none")
    if name[:1] == b"\0":
        shown = name[1:].rstrip(b"\0")[:_LONGEST_NAME].decode(errors="replace")
        return Address("abstract", f"@{shown}", name[1:])
    path = name.partition(b"\0")[0]
    return Address("path", os.fsdecode(path), path)


def _of_the_network(host: bytes, data: bytes) -> Address:
    port = int.from_bytes(data[2:4], "big")
    place = ipaddress.ip_address(host)
    mapped = getattr(place, "ipv4_mapped", None) or place
    near = mapped.is_loopback or mapped.is_unspecified
    shown = f"{mapped}:{port}" if mapped.version == 4 else f"[{mapped}]:{port}"
    return Address("network", shown, port=port, loopback=near)
