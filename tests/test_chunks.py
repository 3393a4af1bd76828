"""Chunks of a PNG are found, and put in."""

import io
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hueclid.chunks import SIGNATURE, Chunk, insert, walk

KINDS = st.lists(st.sampled_from([b"tEXt", b"pHYs", b"npTc", b"prVt"]), max_size=4)


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.arange(60, dtype=np.uint8).reshape(6, 10)).save(file, "PNG")
    return file.getvalue()


@given(KINDS, st.binary(max_size=40))
def test_what_is_put_in_is_found_and_the_pixels_stay(kinds, data):
    chunks = [Chunk(kind, data) for kind in kinds]
    result = insert(png(), chunks)
    header, *found = walk(result)
    assert header.kind == b"IHDR"
    assert found == [*chunks, Chunk(b"IEND", b"")]
    assert len(result) == len(png()) + sum(12 + len(data) for _ in kinds)
    if b"tEXt" not in kinds and b"pHYs" not in kinds:
        with Image.open(io.BytesIO(result)) as image:
            assert np.array_equal(np.asarray(image), np.arange(60).reshape(6, 10))


@given(st.integers(0, 200))
def test_a_file_that_breaks_off_gives_what_came_before(length):
    whole = insert(png(), [Chunk(b"tEXt", b"Comment\0one"), Chunk(b"tEXt", b"Comment\0two")])
    found = list(walk(whole[:length]))
    assert found == list(walk(whole))[: len(found)]


def test_a_wrong_checksum_ends_it():
    whole = insert(png(), [Chunk(b"tEXt", b"Comment\0one")])
    assert [chunk.kind for chunk in walk(whole.replace(b"\0one", b"\0two"))] == [b"IHDR"]


@given(st.binary())
def test_anything_is_walked(data):
    assert all(len(chunk.kind) == 4 for chunk in walk(SIGNATURE + data))
    assert list(walk(b"GIF89a" + data)) == []


def test_bytes_of_a_chunk():
    assert bytes(Chunk(b"IEND", b"")) == b"\0\0\0\0IEND\xae\x42\x60\x82"
    assert bytes(Chunk(b"tEXt", b"a\0b"))[-4:] == zlib.crc32(b"tEXta\0b").to_bytes(4, "big")


def test_the_letters_say_what_may_be_copied():
    assert Chunk(b"npTc", b"").is_safe_to_copy
    assert not Chunk(b"npTC", b"").is_safe_to_copy
    assert Chunk(b"tIME", b"").is_known
    assert not Chunk(b"npTc", b"").is_known
