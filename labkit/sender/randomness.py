"""The chance of one simulation, every draw of it derived from the seed.

A draw depends on the seed, the delivery and the attempt alone, not on what was drawn
before. The same seed therefore gives the same bytes, in whatever order the deliveries
run, and raising a fault's probability only ever adds strikes.
"""

import hashlib
import itertools
import math
import operator
import random
import struct
from collections.abc import Sequence

from labkit.faults import Fault

WORDS = 16
"""How many numbers of 32 bits one digest gives."""

_unpack = struct.Struct(f"<{WORDS}I").unpack
_pack_block = struct.Struct("<qqqq").pack
_pack = struct.Struct("<qqq").pack


class Draws(random.Random):
    """A source of chance that is seeded when it is first drawn from.

    To seed is dear, and most faults and schedules that are handed a source of chance
    draw nothing from it.
    """

    def __init__(self) -> None:
        self._due: bytes | None = None
        super().__init__(0)

    def aim(self, purpose: bytes) -> random.Random:
        """Begin again with a seed made from these bytes, and return itself."""
        self._due = purpose
        self.gauss_next = None  # what gauss() keeps back belongs to the old seed
        return self

    def random(self) -> float:
        """Return a number from 0 to 1, as random.Random does for that seed."""
        self._settle()
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        """Return `k` random bits, as random.Random does for that seed."""
        self._settle()
        return super().getrandbits(k)

    def _settle(self) -> None:
        if self._due is not None:
            digest = hashlib.blake2b(self._due, digest_size=8).digest()
            self._due = None
            self.seed(int.from_bytes(digest))


class Chance:
    """What chance decides in one simulation with these faults.

    `seed` is a whole number of at most 64 bits.
    """

    def __init__(self, seed: int, faults: Sequence[Fault]) -> None:
        self._seed = seed
        self._draws = Draws()
        self._faults = tuple((fault, b"%d" % n) for n, fault in enumerate(faults))
        self._blocks = range(-(-len(faults) // WORDS))
        # A number of 32 bits lies below its threshold with the fault's probability.
        self._thresholds = [math.ceil(fault.probability * 2**32) for fault in faults]

    def striking(self, place: int, number: int) -> list[tuple[Fault, bytes]]:
        """Return the faults that may strike attempt `number` of a delivery.

        With each comes the salt for its own draws.
        """
        words: tuple[int, ...] = ()
        for block in self._blocks:
            packed = _pack_block(self._seed, place, number, block)
            words += _unpack(hashlib.blake2b(packed).digest())
        strikes = map(operator.lt, words, self._thresholds)
        return list(itertools.compress(self._faults, strikes))

    def draws(self, place: int, number: int, salt: bytes) -> random.Random:
        """Return a source of chance for one purpose, which `salt` names.

        It is good until the next one is asked for.
        """
        return self._draws.aim(_pack(self._seed, place, number) + salt)
