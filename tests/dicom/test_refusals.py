"""Every bad file is refused in a sentence that names it and says what to do."""

from __future__ import annotations

import subprocess
import sys
import zlib

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    BasicTextSRStorage,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RTPlanStorage,
)

from cxr_desktop.dicom import DicomReadError, missing_decoders, read_header, read_radiograph

PIXELS = np.random.default_rng(5).integers(0, 4096, (96, 80), dtype=np.uint16)


def refusal(path) -> str:
    with pytest.raises(DicomReadError) as caught:
        read_radiograph(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.endswith((".", "imagecodecs"))
    return message.removeprefix(f"{path}: ")


class TestWhatIsNoFile:
    def test_absent(self, tmp_path):
        assert "no such file" in refusal(tmp_path / "absent.dcm")

    def test_folder(self, tmp_path):
        assert "folder" in refusal(tmp_path)

    def test_closed(self, write_dicom, monkeypatch):
        path = write_dicom(PIXELS)

        def deny(*_):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(type(path), "open", deny)
        assert "may not be read" in refusal(path)


class TestWhatIsNoImage:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"hello, this is a letter", "neither DICOM nor a PNG, JPEG or TIFF"),
            (b"%PDF-1.7 " + bytes(300), "neither DICOM"),
            (b"PK\x03\x04" + bytes(300), ".zip archive"),
            (b"\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" + bytes(300), "encrypted"),
            (bytes(128) + b"DICM", "no pixel data"),
            (b"\x89PNG\r\n\x1a\n" + bytes(50), "damaged"),
        ],
    )
    def test_content(self, tmp_path, content, words):
        path = tmp_path / "file.dcm"
        path.write_bytes(content)
        assert words in refusal(path)

    @pytest.mark.parametrize(
        ("sop_class", "named"),
        [
            (BasicTextSRStorage, "this is a Basic Text SR object"),
            (RTPlanStorage, "this is an RT Plan object"),
            (CTImageStorage, "its header is that of a CT Image, but no pixel data follow"),
        ],
    )
    def test_objects_without_pixels_are_named(self, write_dicom, sop_class, named):
        path = write_dicom(PIXELS)
        dataset = pydicom.dcmread(path)
        dataset.SOPClassUID = sop_class
        del dataset.PixelData
        dataset.save_as(path)
        assert named in refusal(path)

    def test_encrypted_attributes(self, write_dicom):
        path = write_dicom(PIXELS)
        dataset = pydicom.dcmread(path)
        dataset.EncryptedAttributesSequence = [Dataset()]
        dataset.EncryptedAttributesSequence[0].EncryptedContentTransferSyntaxUID = ExplicitVRLittleEndian
        del dataset.PixelData
        dataset.save_as(path)
        assert "encrypted" in refusal(path)


class TestPhotometricInterpretation:
    @pytest.mark.parametrize("found", ["MONOCHROME3", "CMYK", "HSV", "RGB", "YBR_FULL"])
    def test_of_gray_pixels(self, write_dicom, found):
        told = refusal(write_dicom(PIXELS, PhotometricInterpretation=found))
        assert (
            f"its Photometric Interpretation is {found}, which cannot be shown with 1 value a pixel" in told
        )

    @pytest.mark.parametrize("found", ["HSV", "ARGB", "PALETTE COLOR"])
    def test_of_colours(self, write_dicom, found):
        colours = {"SamplesPerPixel": 3, "PlanarConfiguration": 0, "Rows": 64, "Columns": 80}
        path = write_dicom(PIXELS.view(np.uint8), PhotometricInterpretation=found, **colours)
        assert f"is {found}, which cannot be shown with 3 values a pixel" in refusal(path)


class TestSizes:
    def test_no_rows(self, write_dicom):
        assert "0 x 80 pixels" in refusal(write_dicom(PIXELS, Rows=0))

    def test_unreal_size_is_refused_before_it_is_allocated(self, write_dicom):
        assert "65535 x 65535 pixels, more than the 100 megapixels" in refusal(
            write_dicom(PIXELS, Rows=65535, Columns=65535)
        )

    def test_codestream_larger_than_the_header_says(self, write_dicom):
        path = write_dicom(PIXELS, JPEGLSLossless, BitsStored=12)
        dataset = pydicom.dcmread(path)
        dataset.Rows = 90
        dataset.save_as(path)
        assert "its compressed image is 96 x 80 with 1 samples a pixel, its header says 90 x 80" in refusal(
            path
        )

    def test_deflated_data_that_grow_without_end(self, write_dicom, monkeypatch):
        monkeypatch.setattr("cxr_desktop.dicom.dataset.LARGEST_FILE", 2**20)
        path = write_dicom(PIXELS, DeflatedExplicitVRLittleEndian)
        data = path.read_bytes()
        start = 144 + int.from_bytes(data[140:144], "little")
        packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        path.write_bytes(data[:start] + packer.compress(bytes(2**22)) + packer.flush())
        assert "grow beyond" in refusal(path)

    def test_tiny_png_of_a_huge_image(self, tmp_path):
        def chunk(kind: bytes, body: bytes) -> bytes:
            return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)

        size = (40000).to_bytes(4) * 2 + bytes([8, 0, 0, 0, 0])
        path = tmp_path / "huge.png"
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IEND", b""))
        assert "too large" in refusal(path)


class TestDamage:
    def test_truncated_native_pixels(self, write_dicom):
        path = write_dicom(PIXELS)
        path.write_bytes(path.read_bytes()[:-1000])
        assert "truncated: of 15,360 bytes 14,360 are there" in refusal(path)

    @pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless], ids=lambda uid: uid.keyword)
    def test_truncated_codestream(self, write_dicom, syntax):
        path = write_dicom(PIXELS, syntax, BitsStored=12)
        path.write_bytes(path.read_bytes()[:-6000])
        assert "Copy or export the file again." in refusal(path)

    @pytest.mark.parametrize("process", ["+eb", "+ee", "+e1"])
    @pytest.mark.parametrize("cut", [20, 1000])
    def test_truncated_jpeg(self, write_dicom, dcmtk_tool, process, cut):
        path = write_dicom((PIXELS // 16).astype(np.uint8))
        packed = path.with_name("packed.dcm")
        dcmtk_tool("dcmcjpeg", process, path, packed)
        packed.write_bytes(packed.read_bytes()[:-cut])
        assert "truncated or damaged" in refusal(packed)

    def test_codestream_that_is_none(self, write_dicom):
        path = write_dicom(PIXELS, JPEGLSLossless, BitsStored=12)
        dataset = pydicom.dcmread(path)
        dataset.PixelData = encapsulate([b"This was never a JPEG-LS image at all."])
        dataset.save_as(path)
        assert "do not begin as JPEG-LS" in refusal(path)

    def test_truncated_header(self, write_dicom):
        path = write_dicom(PIXELS)
        path.write_bytes(path.read_bytes()[:400])
        assert refusal(path)

    @pytest.mark.parametrize("suffix", ["png", "jpg", "tif"])
    def test_truncated_rasters(self, tmp_path, suffix):
        path = tmp_path / f"half.{suffix}"
        Image.fromarray((PIXELS // 16).astype(np.uint8)).save(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        assert refusal(path)

    def test_nested_sequences(self, tmp_path):
        inner = Dataset()
        for _ in range(30):
            outer = Dataset()
            outer.VOILUTSequence = Sequence([inner])
            inner = outer
        dataset = inner
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.SOPClassUID, dataset.SOPInstanceUID = BasicTextSRStorage, "1.2.3"
        path = tmp_path / "nested.dcm"
        dataset.save_as(path, enforce_file_format=True)
        item = b"\x28\x00\x10\x30SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
        path.write_bytes(path.read_bytes() + item * 20000)
        assert refusal(path)

    def test_absent_decoder(self, write_dicom, monkeypatch):
        def absent(*_arguments, **_options):
            raise ImportError("No module named 'imagecodecs._jpegls'")

        assert missing_decoders() == {}
        path = write_dicom(PIXELS, JPEGLSLossless, BitsStored=12)
        monkeypatch.setattr(imagecodecs, "jpegls_decode", absent)
        monkeypatch.setattr(imagecodecs.JPEGLS, "available", False)
        assert "Run: pip install imagecodecs" in refusal(path)
        assert missing_decoders() == {JPEGLSLossless.name: ("imagecodecs",)}

    def test_unknown_transfer_syntax(self, write_dicom):
        path = write_dicom(PIXELS)
        dataset = pydicom.dcmread(path)
        dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"
        dataset["PixelData"].is_undefined_length = True
        dataset.PixelData = encapsulate([b"\0\0\1\xb3"])
        dataset.save_as(path)
        assert "MPEG2" in refusal(path)


def test_headers_are_refused_alike(tmp_path):
    path = tmp_path / "letter.dcm"
    path.write_bytes(b"hello, this is a letter")
    with pytest.raises(DicomReadError, match="neither DICOM nor"):
        read_header(path)


def test_nothing_of_the_patient_reaches_the_error_stream(write_dicom):
    path = write_dicom(PIXELS, AccessionNumber="SECRET" * 9, BitsStored=12)
    path.write_bytes(path.read_bytes()[:-100])
    program = (
        "import logging, sys; logging.basicConfig(level=logging.DEBUG)\n"
        "from cxr_desktop.dicom import DicomReadError, missing_decoders, read_header, read_radiograph\n"
        "read_header(sys.argv[1])\n"
        "try:\n    read_radiograph(sys.argv[1])\n"
        "except DicomReadError as error:\n    print(error, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert "truncated" in done.stderr
    assert "secret" not in done.stderr.lower()
