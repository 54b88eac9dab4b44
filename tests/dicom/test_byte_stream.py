"""Bytes in memory read as a file: equal to the standard library's, without its copy."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxr_desktop.dicom.byte_stream import stream_of
from cxr_desktop.dicom.content import all_bytes, large_bytes

STEPS = st.one_of(
    st.tuples(st.just("read"), st.integers(-1, 40)),
    st.tuples(st.just("seek"), st.integers(0, 60)),
    st.tuples(st.just("skip"), st.integers(-70, 70)),
    st.tuples(st.just("back"), st.integers(-70, 5)),
)


def _done(stream, step):
    kind, number = step
    try:
        if kind == "read":
            return stream.read(number), stream.tell()
        whence = {"seek": io.SEEK_SET, "skip": io.SEEK_CUR, "back": io.SEEK_END}[kind]
        if kind != "seek" and (stream.tell() if kind == "skip" else 50) + number < 0:
            return None  # BytesIO stops at the beginning, a file refuses
        return stream.seek(number, whence)
    except ValueError as error:
        return type(error)


@given(st.lists(STEPS, max_size=12))
def test_it_answers_as_bytes_of_the_standard_library_do(steps):
    data = bytes(range(50))
    ours, theirs = stream_of(memoryview(data)), io.BytesIO(data)
    for step in steps:
        assert _done(ours, step) == _done(theirs, step)


def test_before_the_beginning_there_is_nothing():
    with pytest.raises(ValueError, match="before the beginning"):
        stream_of(memoryview(b"abc")).seek(-1)


@pytest.mark.parametrize("size", [0, 1, 300, 5_000_001])
def test_a_file_is_the_same_in_small_and_large_pages(tmp_path, size):
    path = tmp_path / "file"
    path.write_bytes(np.random.default_rng(0).bytes(size))
    held = large_bytes(path)
    assert held == all_bytes(path)
    assert held.readonly
