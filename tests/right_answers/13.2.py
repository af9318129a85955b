# %% passed | a loop that returns early
#-     if not all(is_public(ip_address(each)) for each in addresses):
#-         return None
#-     return addresses[0] if addresses else None
#+     for each in addresses:
#+         if not is_public(ip_address(each)):
#+             return None
#+     return addresses[0] if len(addresses) > 0 else None

# %% passed | refuses all embedded forms
#-         if address.version == 6:
#-             inside = address.ipv4_mapped or address.sixtofour
#-             if int(address) >> 32 in (0x64FF9B << 64, 0):  # NAT64, compatible
#-                 inside = ip_address(int(address) & 0xFFFFFFFF)
#-             if inside is not None and not is_public(inside):
#-                 return False
#+         from ipaddress import ip_network
#+
#+         for block in ("64:ff9b::/96", "2002::/16", "::ffff:0:0/96", "::/96"):
#+             if address in ip_network(block):
#+                 return False

# %% passed | filters the addresses
#-     if not all(is_public(ip_address(each)) for each in addresses):
#-         return None
#-     return addresses[0] if addresses else None
#+     public = [each for each in addresses if is_public(ip_address(each))]
#+     return addresses[0] if public and public == addresses else None

# %% passed | looks at user and password
#-     if "@" in parts.netloc:
#+     if (parts.username, parts.password) != (None, None):

# %% passed | a set of schemes and the port first
#-         parts.port  # raises ValueError if it is not a port
#-     except ValueError:
#-         return None
#-     if parts.scheme not in ("http", "https") or not parts.hostname:
#+         port = parts.port or {"http": 80, "https": 443}[parts.scheme]
#+     except (ValueError, KeyError):
#+         return None
#+     if not 0 < port < 65536 or not parts.hostname:

# %% passed | one exception for all
import ipaddress
import urllib.parse


class Forbidden(Exception):
    pass


def check_url(url):
    try:
        parts = urllib.parse.urlparse(url)
        parts.port
    except ValueError:
        raise Forbidden from None
    if parts.scheme.lower() not in {"http", "https"}:
        raise Forbidden
    if parts.hostname is None or not parts.hostname:
        raise Forbidden
    if "@" in parts.netloc:
        raise Forbidden
    return parts.hostname


def check_address(text):
    address = ipaddress.ip_address(text)
    if address.is_multicast or not address.is_global:
        raise Forbidden
    if address.version == 4:
        return
    if int(address) >> 32 in (0x64FF9B << 64, 0):
        check_address(str(ipaddress.IPv4Address(address.packed[-4:])))
    for inner in (address.ipv4_mapped, address.sixtofour):
        if inner:
            check_address(str(inner))


def allowed(url, resolve):
    try:
        found = resolve(check_url(url))
        for each in found:
            check_address(each)
        return found[0]
    except (Forbidden, OSError, IndexError):
        return None


# %% passed | the number of the address decides about NAT64
#-             if int(address) >> 32 in (0x64FF9B << 64, 0):  # NAT64, compatible
#-                 inside = ip_address(int(address) & 0xFFFFFFFF)
#+             if address.packed[:12] in (bytes.fromhex('0064ff9b') + bytes(8), bytes(12)):
#+                 inside = ip_address(int(address) % 2**32)

# %% passed | an iterator over the addresses
#-     if not all(is_public(ip_address(each)) for each in addresses):
#-         return None
#-     return addresses[0] if addresses else None
#+     checked = [ip_address(each) for each in addresses]
#+     if all(map(is_public, checked)):
#+         return next(iter(addresses), None)
#+     return None
