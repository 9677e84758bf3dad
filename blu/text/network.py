"""Addresses of the network, as visitors are counted by them."""

from ipaddress import IPv6Address, ip_address


def unmapped(address: str) -> str:
    """An IPv4 address as such, where it is written as one of IPv6 (::ffff:203.0.113.7); what is none stays as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(inner) if inner else address
