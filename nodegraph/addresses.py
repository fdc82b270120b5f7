"""Which network addresses no request of ours may go to, also where IPv6 wraps an IPv4 address."""

from __future__ import annotations

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Metadata services outside the link-local range: AWS by IPv6, Alibaba Cloud, Azure's wire server.
_METADATA = {ipaddress.ip_address(text) for text in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")}
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def parse_address(text: str) -> Address:
    """The address as a number, without the zone that a resolver may add; ValueError where it is none."""
    return ipaddress.ip_address(text.partition("%")[0])


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where there is one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(address.packed[-4:])
        if inner is not None:
            return inner
    return address


def is_forbidden(address: Address) -> bool:
    """Whether it is link-local, a metadata service of a cloud, or no address of one machine."""
    address = unwrapped(address)
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA
