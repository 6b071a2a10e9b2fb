"""What begins alike is compressed once, and reads as any gzip does."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphql_schema.packing import gzipped, packed


@given(st.binary(max_size=3_000), st.lists(st.binary(max_size=300), min_size=1, max_size=3))
def test_a_packed_beginning_with_any_end_is_one_text_of_gzip(beginning: bytes, ends: list[bytes]):
    begun = packed(beginning * 40)
    for end in ends:
        text = begun.ended(end)
        assert gzip.decompress(text) == beginning * 40 + end
        reading = zlib.decompressobj(zlib.MAX_WBITS | 16)
        reading.decompress(text)
        assert reading.eof
        assert not reading.unused_data


@given(st.binary(max_size=3_000))
def test_a_text_is_compressed_to_the_same_gzip_each_time(text: bytes):
    assert gzip.decompress(gzipped(text)) == text
    assert gzipped(text) == gzipped(text)


def test_an_end_that_no_block_holds_is_refused():
    assert gzip.decompress(packed(b"").ended(b"x" * 65_535)) == b"x" * 65_535
    with pytest.raises(ValueError, match="the end has more than 65535 bytes"):
        packed(b"").ended(b"x" * 65_536)
