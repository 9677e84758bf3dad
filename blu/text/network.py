"""Addresses of the network, as visitors are counted by them."""

from ipaddress import IPv6Address, IPv6Network, ip_address


def unmapped(address: str) -> str:
    """An IPv4 address as such, where it is written as one of IPv6 (::ffff:203.0.113.7); what is none stays as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return str(inner) if inner else address


# Of one subscriber of a provider, who gets a /56 or a /48 and may use any of the addresses in it (RFC 6177).
IPV6_PREFIX = 48


def counted(address: str) -> str:
    """What stands for an address where visitors are counted: of IPv6 the network of one subscriber."""
    address = unmapped(address)
    found = ip_address(address)
    return (
        str(IPv6Network((found, IPV6_PREFIX), strict=False).network_address)
        if isinstance(found, IPv6Address)
        else address
    )
