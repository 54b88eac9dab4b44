"""Hostile bytes: thousands of mutated files, none of which may crash, hang or fill the memory.

CXR_FUZZ_FILES sets how many (4,000 if unset), CXR_FUZZ_SEED which. The long run takes some minutes:

    CXR_FUZZ_FILES=20000 python -m pytest tests/dicom/test_fuzz.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image

DRIVER = Path(__file__).with_name("fuzz_driver.py")
PYDICOM_FILES = Path(pydicom.__file__).parent / "data" / "test_files"
FILES = int(os.environ.get("CXR_FUZZ_FILES", "4000"))
SEED = int(os.environ.get("CXR_FUZZ_SEED", "1"))
SYNTAXES = (
    "CT_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "JPEGLSNearLossless_16.dcm",
    "JPGExtended.dcm",
    "JPEG2000.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "image_dfl.dcm",
    "examples_palette.dcm",
    "examples_overlay.dcm",
    "rtdose.dcm",
    "rtdose_1frame.dcm",
    "liver_1frame.dcm",
)


@pytest.fixture
def originals(tmp_path) -> list[Path]:
    pixels = np.random.default_rng(0).integers(0, 65536, (64, 48), dtype=np.uint16)
    rasters = []
    for name, array in (("a.png", pixels), ("b.tif", pixels), ("c.jpg", (pixels // 256).astype(np.uint8))):
        Image.fromarray(array).save(tmp_path / name)
        rasters.append(tmp_path / name)
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, how in (("CT_small.dcm", zipfile.ZIP_DEFLATED), ("JPEG2000.dcm", zipfile.ZIP_STORED)):
            opened.write(PYDICOM_FILES / name, f"study/{name}", how)
        opened.write(PYDICOM_FILES / "MR_small.dcm", "study/bz2.dcm", zipfile.ZIP_BZIP2)
        opened.write(PYDICOM_FILES / "MR_small.dcm", "study/lzma.dcm", zipfile.ZIP_LZMA)
    media = (archive, PYDICOM_FILES / "dicomdirtests" / "DICOMDIR")
    return [*(PYDICOM_FILES / name for name in SYNTAXES), *rasters, *media]


@pytest.mark.slow
def test_mutated_files_are_shown_or_refused(originals, tmp_path, record_property):
    command = [sys.executable, str(DRIVER), str(tmp_path), str(FILES), str(SEED), *map(str, originals)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, f"stopped at {tmp_path / 'mutated'}:\n{done.stderr[-3000:]}"
    result = json.loads(done.stdout)
    record_property("fuzz", result)
    assert result["shown"] + result["refused"] == FILES
    assert result["shown"] > FILES // 20
    assert result["refused"] > FILES // 20
    assert result["longest_s"] < 5
    assert result["peak_gib"] < 2
