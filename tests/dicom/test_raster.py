"""PNG, JPEG and TIFF files: their values, whatever the mode, and polarity."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile
from PIL import Image

from cxr_desktop.dicom import read_header, read_radiograph

NOISE = np.random.default_rng(3)
GRAY = NOISE.integers(0, 256, (20, 30), dtype=np.uint8)
DEEP = NOISE.integers(0, 65536, (20, 30), dtype=np.uint16)


@pytest.fixture
def save(tmp_path):
    def save(image, name):
        path = tmp_path / name
        image.save(path)
        return path

    return save


class TestGray:
    @pytest.mark.parametrize("suffix", ["png", "tiff"])
    def test_eight_bits(self, save, suffix):
        radiograph = read_radiograph(save(Image.fromarray(GRAY), f"gray.{suffix}"))
        np.testing.assert_array_equal(radiograph.pixels, GRAY)
        np.testing.assert_array_equal(radiograph.display(), GRAY)
        assert not radiograph.colour

    @pytest.mark.parametrize("suffix", ["png", "tiff"])
    def test_sixteen_bits(self, save, suffix):
        radiograph = read_radiograph(save(Image.fromarray(DEEP), f"deep.{suffix}"))
        assert radiograph.pixels.dtype == np.uint16
        assert radiograph.bits_stored == 16
        np.testing.assert_array_equal(radiograph.pixels, DEEP)

    def test_big_endian_tiff(self, tmp_path):
        tifffile.imwrite(tmp_path / "big.tif", DEEP, byteorder=">")
        np.testing.assert_array_equal(read_radiograph(tmp_path / "big.tif").pixels, DEEP)

    def test_one_bit(self, save):
        bits = GRAY > 127
        radiograph = read_radiograph(save(Image.fromarray(bits), "bits.png"))
        np.testing.assert_array_equal(radiograph.display(), bits * 255)

    def test_float_tiff(self, tmp_path):
        values = NOISE.normal(size=(20, 30)).astype(np.float32)
        tifffile.imwrite(tmp_path / "float.tif", values)
        radiograph = read_radiograph(tmp_path / "float.tif")
        np.testing.assert_array_equal(radiograph.pixels, values)
        assert np.ptp(radiograph.display()) == 255

    def test_what_is_no_number_in_a_float_tiff_is_black_and_said(self, tmp_path):
        values = NOISE.uniform(1, 2, size=(20, 30)).astype(np.float32)
        values[:4], values[4, 0] = np.nan, np.inf
        tifffile.imwrite(tmp_path / "holes.tif", values)
        radiograph = read_radiograph(tmp_path / "holes.tif")
        np.testing.assert_array_equal(radiograph.valid, np.isfinite(values))
        assert np.ptp(radiograph.display()[5:]) == 255
        assert not radiograph.display()[:4].any()
        assert "not numbers" in " ".join(radiograph.notes)

    @pytest.mark.parametrize("pixels", [GRAY, DEEP], ids=["8 bit", "16 bit"])
    def test_min_is_white_is_inverted_once(self, tmp_path, pixels):
        tifffile.imwrite(tmp_path / "white.tif", pixels, photometric="miniswhite")
        gray = read_radiograph(tmp_path / "white.tif").display().astype(int)
        low, high = np.argmin(pixels), np.argmax(pixels)
        assert gray.ravel()[low] > 250
        assert gray.ravel()[high] < 5

    def test_pages_are_frames(self, tmp_path):
        pages = NOISE.integers(0, 256, (3, 20, 30), dtype=np.uint8)
        tifffile.imwrite(tmp_path / "pages.tif", pages, photometric="minisblack")
        assert read_header(tmp_path / "pages.tif").frames == 3
        np.testing.assert_array_equal(read_radiograph(tmp_path / "pages.tif", frame=2).pixels, pages[2])

    def test_jpeg_is_as_pillow_decodes_it(self, save):
        path = save(Image.fromarray(GRAY), "gray.jpg")
        with Image.open(path) as image:
            np.testing.assert_array_equal(read_radiograph(path).pixels, np.asarray(image))


class TestColour:
    def test_photograph_is_known_as_one(self, save):
        rgb = NOISE.integers(0, 256, (20, 30, 3), dtype=np.uint8)
        radiograph = read_radiograph(save(Image.fromarray(rgb), "photograph.png"))
        assert radiograph.colour
        np.testing.assert_array_equal(radiograph.pixels, np.rint(rgb @ [0.299, 0.587, 0.114]))

    @pytest.mark.parametrize("suffix", ["png", "jpg"])
    def test_gray_saved_as_rgb_is_none(self, save, suffix):
        smooth = np.add.outer(np.arange(100), np.arange(150)).astype(np.uint8)
        rgb = Image.fromarray(np.repeat(smooth[..., None], 3, axis=-1))
        assert not read_radiograph(save(rgb, f"gray.{suffix}")).colour

    def test_gray_palette(self, save):
        image = Image.fromarray(GRAY).quantize(256)
        radiograph = read_radiograph(save(image, "palette.png"))
        assert not radiograph.colour
        np.testing.assert_array_equal(radiograph.pixels, np.asarray(image.convert("L")))

    def test_transparent_pixels_are_padding(self, save):
        rgba = np.dstack([GRAY, GRAY, GRAY, np.full_like(GRAY, 255)])
        rgba[:5, :, 3] = 0
        radiograph = read_radiograph(save(Image.fromarray(rgba), "alpha.png"))
        assert radiograph.valid is not None
        assert (radiograph.display()[:5] == 0).all()
        np.testing.assert_array_equal(radiograph.display()[5:], GRAY[5:])


def test_content_decides_and_not_the_name(save, tmp_path):
    path = save(Image.fromarray(GRAY), "gray.png")
    renamed = path.rename(tmp_path / "image.dcm")
    np.testing.assert_array_equal(read_radiograph(renamed).pixels, GRAY)


def test_stored_orientation_is_kept_and_said(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(GRAY).save(tmp_path / "turned.jpg", exif=exif)
    radiograph = read_radiograph(tmp_path / "turned.jpg")
    assert radiograph.pixels.shape == GRAY.shape
    assert any("EXIF orientation 6" in note for note in radiograph.notes)


def test_header_without_pixels(save):
    header = read_header(save(Image.fromarray(DEEP), "deep.png"))
    assert (header.rows, header.columns, header.frames) == (20, 30, 1)
    assert header.path.name == "deep.png"
