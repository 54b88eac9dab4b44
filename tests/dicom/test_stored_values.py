"""Stored and modality values: signs, unused bits, padding, transfer syntaxes, frames."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
import threading
import time

import imagecodecs
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from cxr_desktop.dicom import DicomReadError, read_radiograph
from cxr_desktop.dicom.layout import PixelLayout
from cxr_desktop.dicom.pixels import _without_unused_bits
from cxr_desktop.dicom.rle import decode_rle

NOISE = np.random.default_rng(7)
UNSIGNED = NOISE.integers(0, 4096, (96, 80), dtype=np.uint16)
SIGNED = NOISE.integers(-2048, 2048, (96, 80), dtype=np.int16)


class TestTransferSyntaxes:
    @pytest.mark.parametrize(
        "syntax",
        [
            ImplicitVRLittleEndian,
            ExplicitVRLittleEndian,
            ExplicitVRBigEndian,
            DeflatedExplicitVRLittleEndian,
            RLELossless,
            JPEGLSLossless,
            JPEG2000Lossless,
        ],
        ids=lambda uid: uid.keyword,
    )
    @pytest.mark.parametrize(
        "pixels", [UNSIGNED, SIGNED, UNSIGNED.astype(np.uint8)], ids=lambda p: p.dtype.name
    )
    def test_values_survive(self, write_dicom, syntax, pixels):
        stored = 8 if pixels.dtype == np.uint8 else 12
        radiograph = read_radiograph(write_dicom(pixels, syntax, BitsStored=stored))
        np.testing.assert_array_equal(radiograph.pixels, pixels)
        assert radiograph.pixels.dtype == pixels.dtype
        assert radiograph.header.transfer_syntax == syntax

    @pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless], ids=lambda uid: uid.keyword)
    def test_decoding_leaves_the_interpreter_to_other_threads(self, write_dicom, syntax):
        path = write_dicom(NOISE.integers(0, 4096, (1500, 1500), dtype=np.uint16), syntax, BitsStored=12)
        reading = threading.Thread(target=read_radiograph, args=(path,))
        reading.start()
        pauses, last = [], time.perf_counter()
        begin = last
        while reading.is_alive():
            time.sleep(0.001)
            now = time.perf_counter()
            pauses.append(now - last)
            last = now
        assert max(pauses) < 0.5 * (last - begin)

    @pytest.mark.parametrize(("signed", "high"), [(0, 11), (1, 11), (0, 15), (1, 15)])
    def test_words_that_dcmtk_compresses_whole(self, write_dicom, tmp_path, signed, high):
        """Its JPEG-LS streams hold the words as they stand in the file, 16 bits of which the header uses 12."""
        program = shutil.which("dcmcjpls")
        if program is None:
            pytest.skip("dcmcjpls (Debian package dcmtk) is not installed")
        pixels = SIGNED if signed else UNSIGNED
        words = (pixels.view(np.uint16) & 0xFFF) << (high - 11)
        plain = write_dicom(words, BitsStored=12, HighBit=high, PixelRepresentation=signed)
        subprocess.run([program, plain, tmp_path / "jls.dcm"], check=True, timeout=60)
        radiograph = read_radiograph(tmp_path / "jls.dcm")
        np.testing.assert_array_equal(radiograph.pixels, pixels)
        assert radiograph.bits_stored == 12

    @pytest.mark.parametrize("lowest", [-2048, -32768])
    def test_the_lowest_value_needs_no_further_bit(self, write_dicom, lowest):
        pixels = SIGNED.copy()
        pixels[0, 0] = lowest
        stored = 12 if lowest == -2048 else 16
        radiograph = read_radiograph(write_dicom(pixels, JPEG2000Lossless, BitsStored=stored))
        np.testing.assert_array_equal(radiograph.pixels, pixels)
        assert radiograph.bits_stored == stored

    def test_stream_signed_where_the_header_is_not(self, write_dicom):
        """And the other way round: the header's sign counts, of the stream's bits."""
        for pixels, signed in ((SIGNED, 0), (UNSIGNED, 1)):
            path = write_dicom(pixels, JPEG2000Lossless, BitsStored=12)
            dataset = pydicom.dcmread(path)
            dataset.PixelRepresentation = signed
            dataset.save_as(path)
            np.testing.assert_array_equal(read_radiograph(path).pixels, pydicom.dcmread(path).pixel_array)

    def test_high_throughput_jpeg_2000(self, write_dicom):
        encoded = imagecodecs.htj2k_encode(UNSIGNED, reversible=True)
        path = write_dicom(UNSIGNED, BitsStored=16)
        dataset = pydicom.dcmread(path)
        dataset.PixelData = pydicom.encaps.encapsulate([encoded])
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = HTJ2KLossless
        dataset.save_as(path)
        np.testing.assert_array_equal(read_radiograph(path).pixels, UNSIGNED)

    @pytest.mark.parametrize("process", ["+el", "+e1", "+eb", "+ee"])
    def test_jpeg_processes_equal_dcmtks(self, write_dicom, process, dcmtk_tool):
        smooth = np.add.outer(np.arange(64), np.arange(48)).astype(np.uint16) * 35
        path = write_dicom(
            smooth if process != "+eb" else (smooth // 16).astype(np.uint8),
            BitsStored=8 if process == "+eb" else 12,
        )
        packed, unpacked = path.with_name("packed.dcm"), path.with_name("unpacked.dcm")
        dcmtk_tool("dcmcjpeg", process, path, packed)
        dcmtk_tool("dcmdjpeg", packed, unpacked)
        radiograph = read_radiograph(packed)
        np.testing.assert_array_equal(radiograph.pixels, pydicom.dcmread(unpacked).pixel_array)

    def test_signed_jpeg_lossless(self, write_dicom, dcmtk_tool):
        path = write_dicom(SIGNED, BitsStored=12)
        packed = path.with_name("packed.dcm")
        dcmtk_tool("dcmcjpeg", "+e1", path, packed)
        np.testing.assert_array_equal(read_radiograph(packed).pixels, SIGNED)


class TestUnusedBits:
    def test_overlay_in_the_high_bits_is_removed(self, write_dicom):
        overlay = NOISE.integers(0, 16, UNSIGNED.shape, dtype=np.uint16) << 12
        radiograph = read_radiograph(write_dicom(UNSIGNED | overlay, BitsStored=12))
        np.testing.assert_array_equal(radiograph.pixels, UNSIGNED)

    def test_sign_is_taken_from_the_stored_bits(self, write_dicom):
        junk = (SIGNED.view(np.uint16) & 0x0FFF) | 0x5000
        radiograph = read_radiograph(write_dicom(junk.view(np.int16), BitsStored=12))
        np.testing.assert_array_equal(radiograph.pixels, SIGNED)

    def test_pixels_in_the_upper_bits(self, write_dicom):
        radiograph = read_radiograph(write_dicom((UNSIGNED << 4) | 3, BitsStored=12, HighBit=15))
        np.testing.assert_array_equal(radiograph.pixels, UNSIGNED)

    @given(
        stored=st.integers(1, 16),
        signed=st.booleans(),
        words=st.lists(st.integers(0, 65535), min_size=1, max_size=50),
        data=st.data(),
    )
    @settings(max_examples=200, deadline=None)
    def test_bits_by_their_definition(self, stored, signed, words, data):
        high = data.draw(st.integers(stored - 1, 15))
        layout = PixelLayout(
            element="PixelData",
            vr="OW",
            rows=1,
            columns=len(words),
            samples=1,
            frames=1,
            photometric="MONOCHROME2",
            bits_allocated=16,
            bits_stored=stored,
            high_bit=high,
            signed=signed,
            planar=0,
            syntax=ExplicitVRLittleEndian,
        )
        array = np.array([words], dtype=np.uint16).view(np.int16 if signed else np.uint16)
        expected = [(word >> (high + 1 - stored)) % 2**stored for word in words]
        if signed:
            expected = [value - 2**stored if value >= 2 ** (stored - 1) else value for value in expected]
        assert _without_unused_bits(array, layout).tolist() == [expected]

    def test_bits_stored_beyond_allocated_is_taken_as_allocated(self, write_dicom):
        radiograph = read_radiograph(write_dicom(UNSIGNED, BitsStored=20, HighBit=19))
        np.testing.assert_array_equal(radiograph.pixels, UNSIGNED)


class TestModalityLut:
    def test_whole_numbers_keep_the_stored_type(self, write_dicom):
        radiograph = read_radiograph(write_dicom(SIGNED, RescaleSlope=2, RescaleIntercept=-1024))
        assert radiograph.pixels.dtype == np.int16
        np.testing.assert_array_equal(radiograph.pixels, SIGNED * 2 - 1024)

    @pytest.mark.parametrize(("slope", "intercept"), [(1, -1024), (0.25, 3.5), (-1, 0), (20000, 0)])
    def test_what_does_not_fit_becomes_float(self, write_dicom, slope, intercept):
        radiograph = read_radiograph(write_dicom(UNSIGNED, RescaleSlope=slope, RescaleIntercept=intercept))
        assert radiograph.pixels.dtype == np.float32
        np.testing.assert_allclose(radiograph.pixels, UNSIGNED * float(slope) + intercept, rtol=1e-7)

    @pytest.mark.parametrize(("slope", "intercept"), [("1e300", "0"), ("-1e36", "5"), ("1", "1e39")])
    def test_values_beyond_all_numbers_are_not_made(self, write_dicom, slope, intercept):
        radiograph = read_radiograph(write_dicom(UNSIGNED, RescaleSlope=slope, RescaleIntercept=intercept))
        np.testing.assert_array_equal(radiograph.pixels, UNSIGNED)
        assert any("beyond all numbers" in note for note in radiograph.notes)
        assert np.ptp(radiograph.display()) == 255

    def test_slope_zero_is_ignored_and_said(self, write_dicom):
        radiograph = read_radiograph(write_dicom(UNSIGNED, RescaleSlope=0, RescaleIntercept=0))
        np.testing.assert_array_equal(radiograph.pixels, UNSIGNED)
        assert "Rescale Slope is 0 and was ignored." in radiograph.notes

    @pytest.mark.parametrize(
        "syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian], ids=lambda uid: uid.keyword
    )
    def test_table(self, write_dicom, syntax):
        entries = np.arange(3000, dtype=np.uint16)[::-1] * 3
        item = Dataset()
        item.add_new("LUTDescriptor", "US", [3000, 500, 16])
        order = "<u2" if syntax == ExplicitVRLittleEndian else ">u2"
        item.add_new("LUTData", "OW", entries.astype(order).tobytes())
        item.ModalityLUTType = "US"
        radiograph = read_radiograph(write_dicom(UNSIGNED, syntax, BitsStored=12, ModalityLUTSequence=[item]))
        expected = entries[np.clip(UNSIGNED.astype(int) - 500, 0, 2999)]
        np.testing.assert_array_equal(radiograph.pixels, expected)


class TestPadding:
    def test_value_is_black_and_out_of_the_range(self, write_dicom):
        pixels = UNSIGNED.copy()
        pixels[:5] = 65535
        path = write_dicom(pixels, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=65535)
        radiograph = read_radiograph(path)
        assert radiograph.valid is not None
        np.testing.assert_array_equal(radiograph.valid, pixels != 65535)
        assert radiograph.value_range() == (float(UNSIGNED[5:].min()), float(UNSIGNED[5:].max()))
        assert (radiograph.display()[:5] == 0).all()

    def test_black_in_an_inverted_image_whose_padding_is_low(self, write_dicom):
        pixels = UNSIGNED.copy() + 1
        pixels[:, :4] = 0
        path = write_dicom(pixels, PhotometricInterpretation="MONOCHROME1", PixelPaddingValue=0)
        assert (read_radiograph(path).display()[:, :4] == 0).all()

    def test_range(self, write_dicom):
        path = write_dicom(UNSIGNED, PixelPaddingValue=100, PixelPaddingRangeLimit=0)
        np.testing.assert_array_equal(read_radiograph(path).valid, UNSIGNED > 100)

    def test_negative_value_written_as_unsigned(self, write_dicom):
        pixels = SIGNED.copy()
        pixels[0] = -2000
        path = write_dicom(pixels, PixelPaddingValue=-2000)
        path.write_bytes(path.read_bytes().replace(b"(\x00 \x01SS", b"(\x00 \x01US"))
        np.testing.assert_array_equal(read_radiograph(path).valid, pixels != -2000)

    def test_none_where_no_pixel_is_padding(self, write_dicom):
        assert read_radiograph(write_dicom(UNSIGNED, PixelPaddingValue=60000)).valid is None


class TestFrames:
    def test_each_frame_is_itself(self, write_dicom):
        frames = NOISE.integers(0, 256, (3, 20, 10), dtype=np.uint8)
        path = write_dicom(frames)
        for index in range(3):
            np.testing.assert_array_equal(read_radiograph(path, frame=index).pixels, frames[index])
        with pytest.raises(DicomReadError, match="there is no frame 3: the file holds 3, counted from 0"):
            read_radiograph(path, frame=3)

    def test_a_frames_own_window_outranks_the_shared_one(self, write_dicom):
        frames = NOISE.integers(0, 4096, (2, 20, 10), dtype=np.uint16)
        shared, own = Dataset(), Dataset()
        for group, centre in ((shared, 1000), (own, 2000)):
            item = Dataset()
            item.WindowCenter, item.WindowWidth = centre, 500
            group.FrameVOILUTSequence = [item]
        path = write_dicom(
            frames,
            SharedFunctionalGroupsSequence=[shared],
            PerFrameFunctionalGroupsSequence=[Dataset(), own],
        )
        assert [read_radiograph(path, frame=k).default_voi().centre for k in (0, 1)] == [1000, 2000]


class TestFloatPixels:
    @pytest.mark.parametrize(
        ("keyword", "dtype"), [("FloatPixelData", "<f4"), ("DoubleFloatPixelData", "<f8")]
    )
    def test_values_and_what_is_no_number(self, write_dicom, keyword, dtype):
        values = NOISE.normal(size=(20, 10))
        values[3, 3] = np.nan
        path = write_dicom(UNSIGNED[:20, :10], BitsAllocated=32)
        dataset = pydicom.dcmread(path)
        del dataset.PixelData
        setattr(dataset, keyword, values.astype(dtype).tobytes())
        dataset.BitsAllocated = 8 * np.dtype(dtype).itemsize
        dataset.save_as(path)
        radiograph = read_radiograph(path)
        assert radiograph.pixels.dtype == np.float32
        np.testing.assert_allclose(radiograph.pixels, values, rtol=1e-6)
        assert radiograph.display()[3, 3] == 0
        assert radiograph.valid is not None
        assert not radiograph.valid[3, 3]


class TestColour:
    @staticmethod
    def write_rgb(write_dicom, rgb):
        rows, columns, samples = rgb.shape
        return write_dicom(
            rgb,
            SamplesPerPixel=samples,
            PhotometricInterpretation="RGB",
            PlanarConfiguration=0,
            Rows=rows,
            Columns=columns,
            NumberOfFrames=1,
        )

    def test_colour_is_reduced_to_luminance_and_said(self, write_dicom):
        rgb = NOISE.integers(0, 256, (20, 10, 3), dtype=np.uint8)
        radiograph = read_radiograph(self.write_rgb(write_dicom, rgb))
        assert radiograph.colour
        np.testing.assert_array_equal(radiograph.pixels, np.rint(rgb @ [0.299, 0.587, 0.114]))
        assert any("luminance" in note for note in radiograph.notes)

    def test_gray_stored_as_colour_is_gray(self, write_dicom):
        gray = NOISE.integers(0, 256, (20, 10), dtype=np.uint8)
        radiograph = read_radiograph(self.write_rgb(write_dicom, np.repeat(gray[..., None], 3, axis=-1)))
        assert not radiograph.colour
        np.testing.assert_array_equal(radiograph.display(), gray)


def test_pixels_are_read_only(write_dicom):
    radiograph = read_radiograph(write_dicom(UNSIGNED, PixelPaddingValue=int(UNSIGNED[0, 0])))
    for array in (radiograph.pixels, radiograph.valid):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1


def test_sha256_is_of_the_files_bytes(write_dicom):
    path = write_dicom(UNSIGNED)
    assert read_radiograph(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


class TestRle:
    """PS3.5 Annex G by hand: segments of odd length, their padding, and what is missing."""

    @staticmethod
    def frame(*segments: bytes) -> bytes:
        offsets = np.cumsum([64, *(len(segment) for segment in segments)])[:-1]
        header = np.zeros(16, dtype="<u4")
        header[0], header[1 : len(segments) + 1] = len(segments), offsets
        return header.tobytes() + b"".join(segments)

    def test_most_significant_bytes_come_first(self):
        encoded = self.frame(b"\x03\x01\x02\x03\x04", b"\xfd\xaa")
        assert decode_rle(encoded, (2, 2), 2).tolist() == [[0x01AA, 0x02AA], [0x03AA, 0x04AA]]

    def test_padding_to_even_length(self):
        assert decode_rle(self.frame(b"\x03\x01\x02\x03\x04\x00"), (2, 2), 1).tolist() == [[1, 2], [3, 4]]

    def test_samples_are_planes(self):
        encoded = self.frame(b"\x01\x01\x02", b"\x01\x03\x04", b"\x01\x05\x06")
        assert decode_rle(encoded, (1, 2, 3), 1).tolist() == [[[1, 3, 5], [2, 4, 6]]]

    @pytest.mark.parametrize("encoded", [b"", bytes(64), frame(b"\x03\x01\x02"), frame(b"\x00\x01") + b"\0"])
    def test_what_is_missing(self, encoded):
        with pytest.raises((ValueError, RuntimeError, struct.error)):
            decode_rle(encoded, (2, 2), 1)
