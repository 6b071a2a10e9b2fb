"""How answers are compressed: those that are long enough, for callers who take that."""

import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import gzip
    import zlib
else:
    try:
        from isal import igzip as gzip
        from isal import isal_zlib as zlib
    except ImportError:  # there is no wheel of isal for the machine
        import gzip
        import zlib

COMPRESSED_FROM = 1_024  # bytes
COMPRESS_LEVEL = 1

_HEADER = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
"""Of gzip: deflated, without a name, of no time, from any system."""
_LONGEST_STORED = 65_535


def gzipped(text: bytes) -> bytes:
    """A text as gzip has it; the same bytes each time."""
    return gzip.compress(text, COMPRESS_LEVEL, mtime=0)


class Packed(NamedTuple):
    """The beginning of a text, compressed once for all texts that begin so."""

    deflated: bytes
    checksum: int
    length: int

    def ended(self, end: bytes) -> bytes:
        """The text with this end as gzip has it: the end as it is, in a block of its own."""
        if len(end) > _LONGEST_STORED:
            raise ValueError(f"the end has more than {_LONGEST_STORED} bytes")
        stored = struct.pack("<BHH", 1, len(end), len(end) ^ _LONGEST_STORED)
        checksum = zlib.crc32(end, self.checksum)
        sums = struct.pack("<LL", checksum, (self.length + len(end)) & 0xFFFFFFFF)
        return b"".join((_HEADER, self.deflated, stored, end, sums))


def packed(beginning: bytes) -> Packed:
    """The beginning of a text, up to a border of bytes."""
    deflating = zlib.compressobj(COMPRESS_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = deflating.compress(beginning) + deflating.flush(zlib.Z_FULL_FLUSH)
    return Packed(deflated, zlib.crc32(beginning), len(beginning))
