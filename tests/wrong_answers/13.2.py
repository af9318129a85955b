# %% checks-no-address | checks only the form of the URL
#-     if not all(is_public(ip_address(each)) for each in addresses):
#-         return None
#+     pass

# %% compares-host-names | a list of forbidden names
#-     if not all(is_public(ip_address(each)) for each in addresses):
#-         return None
#+     bad = ("localhost", "127.", "10.", "192.168.", "169.254.", "0", "2130", "[", ":")
#+     if parts.hostname.startswith(bad) or parts.hostname.startswith("rebind"):
#+         return None

# %% is-private-is-not-enough | asks for private addresses
#-         return address.is_global and not address.is_multicast
#+         reserved = address.is_reserved or address.is_link_local
#+         return not (address.is_private or address.is_multicast or reserved)

# %% allows-multicast | global is enough
#-         return address.is_global and not address.is_multicast
#+         return address.is_global

# %% allows-nat64 | does not look into NAT64
#-             if int(address) >> 32 in (0x64FF9B << 64, 0):  # NAT64, compatible
#-                 inside = ip_address(int(address) & 0xFFFFFFFF)

# %% allows-nat64 | looks into the old form alone
#-             if int(address) >> 32 in (0x64FF9B << 64, 0):  # NAT64, compatible
#+             if int(address) >> 32 == 0:

# %% allows-compatible-addresses | looks into NAT64 alone
#-             if int(address) >> 32 in (0x64FF9B << 64, 0):  # NAT64, compatible
#+             if int(address) >> 32 == 0x64FF9B << 64:

# %% checks-one-address-only | checks the address that is returned
#-     if not all(is_public(ip_address(each)) for each in addresses):
#+     if not is_public(ip_address(addresses[0])):

# %% one-public-address-is-enough | any
#-     if not all(is_public(ip_address(each)) for each in addresses):
#+     if not any(is_public(ip_address(each)) for each in addresses):

# %% resolves-twice | resolves once to check and once to connect
#-     return addresses[0] if addresses else None
#+     return resolve(parts.hostname)[0]

# %% returns-the-host | returns what is in the URL
#-     return addresses[0] if addresses else None
#+     return parts.hostname

# %% returns-no-address | answers the question with True
#-     return addresses[0] if addresses else None
#+     return True

# %% allows-other-schemes | takes any scheme
#-     if parts.scheme not in ("http", "https") or not parts.hostname:
#+     if not parts.hostname:

# %% allows-user-names | does not look at the user
#-     if "@" in parts.netloc:
#-         return None
#+     pass

# %% resolves-the-whole-authority | takes netloc for the host
#-         addresses = resolve(parts.hostname)
#+         addresses = resolve(parts.netloc)

# %% raises-for-malformed-urls | does not expect malformed URLs
#-     try:
#-         parts = urlsplit(url)
#-         parts.port  # raises ValueError if it is not a port
#-     except ValueError:
#-         return None
#+     parts = urlsplit(url)
#+     parts.port

# %% raises-for-forbidden-urls | an exception for what is forbidden
#-     if not all(is_public(ip_address(each)) for each in addresses):
#-         return None
#+     if not all(is_public(ip_address(each)) for each in addresses):
#+         raise ValueError("not a public address")

# %% raises-for-unknown-names | does not expect unknown names
#-     try:
#-         addresses = resolve(parts.hostname)
#-     except OSError:
#-         return None
#+     addresses = resolve(parts.hostname)

# %% raises-without-addresses | expects at least one address
#-     return addresses[0] if addresses else None
#+     return addresses[0]

# %% no-name | an @ anywhere
#-     if "@" in parts.netloc:
#+     if "@" in url:

# %% no-name | the prefix of NAT64 is too short
#-             if int(address) >> 32 in (0x64FF9B << 64, 0):  # NAT64, compatible
#+             if int(address) >> 96 == 0x64FF9B or int(address) >> 32 == 0:


# %% no-name | takes the last 32 bits of a 6to4 address
#-             inside = address.ipv4_mapped or address.sixtofour
#+             inside = address.ipv4_mapped
#+             if int(address) >> 112 == 0x2002:
#+                 return is_public(ip_address(int(address) & 0xFFFFFFFF))
