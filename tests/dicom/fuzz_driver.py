"""Reads mutated image files until told to stop, and prints what came of it as JSON.

    python fuzz_driver.py FOLDER COUNT SEED [FILE...]

Runs in a process of its own, so that a decoder that crashes fails a test instead of ending it. The
file being read lies in FOLDER as `mutated`, for whoever looks into a crash. Of a .zip or a DICOMDIR, what it
holds or lists is looked into.
"""

from __future__ import annotations

import faulthandler
import json
import random
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from cxr_desktop.dicom import DicomReadError, RadiographFile, Refused, find_instances, read_header

LONGEST = 5.0
MOST_FRAMES = 1000
Mutation = Callable[[bytearray, random.Random], bytearray]

# (element as written in little endian, what its 16-bit value may be changed to)
SIZES = (
    b"\x28\x00\x10\x00",
    b"\x28\x00\x11\x00",
    b"\x28\x00\x00\x01",
    b"\x28\x00\x01\x01",
    b"\x28\x00\x02\x00",
)
EXTREMES = (0, 1, 7, 33, 255, 256, 9999, 32767, 32768, 65535)
VRS = (b"OB", b"OW", b"SQ", b"UN", b"UI", b"LO", b"DS", b"IS", b"US", b"CS", b"PN", b"OF")


def flip_bits(data: bytearray, rng: random.Random) -> bytearray:
    for _ in range(rng.choice((1, 1, 2, 4, 16, 64))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def overwrite(data: bytearray, rng: random.Random) -> bytearray:
    at, count = rng.randrange(len(data)), rng.choice((1, 2, 4, 16, 128))
    filler = rng.choice((b"\x00", b"\xff", b"\x80")) * count if rng.random() < 0.5 else rng.randbytes(count)
    data[at : at + count] = filler
    return data


def truncate(data: bytearray, rng: random.Random) -> bytearray:
    return data[: rng.randrange(len(data))]


def remove(data: bytearray, rng: random.Random) -> bytearray:
    at = rng.randrange(len(data))
    del data[at : at + rng.choice((1, 2, 8, 64, 1000))]
    return data


def repeat(data: bytearray, rng: random.Random) -> bytearray:
    at, count = rng.randrange(len(data)), rng.choice((2, 8, 64, 1000))
    data[at:at] = data[at : at + count]
    return data


def change_length(data: bytearray, rng: random.Random) -> bytearray:
    """Another length behind a VR, in the two or four bytes that hold it."""
    found = data.find(rng.choice(VRS), rng.randrange(len(data)))
    if found >= 0:
        length = rng.choice((0, 1, 0xFFFF, 0xFFFFFFFF, 0x7FFFFFFF, rng.randrange(2**32)))
        start = found + rng.choice((2, 4))
        data[start : start + 4] = length.to_bytes(4, "little")
    return data


def change_size(data: bytearray, rng: random.Random) -> bytearray:
    """Another number of rows, columns, bits or samples."""
    found = data.find(rng.choice(SIZES))
    if found >= 0:
        data[found + 8 : found + 10] = rng.choice(EXTREMES).to_bytes(2, "little")
    return data


def nest(data: bytearray, rng: random.Random) -> bytearray:
    """Sequences within sequences before the pixels."""
    item = b"\x28\x00\x10\x30SQ\x00\x00\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    at = data.find(b"\x28\x00\x02\x00")
    at = at if at >= 0 else rng.randrange(len(data))
    data[at:at] = item * rng.choice((5, 100, 5000))
    return data


def change_frames(data: bytearray, rng: random.Random) -> bytearray:
    """Another number of frames, as long as the one there is."""
    found = data.find(b"\x28\x00\x08\x00")
    if found >= 0:
        digits = data[found + 6] if data[found + 4 : found + 6] == b"IS" else data[found + 4]
        data[found + 8 : found + 8 + digits] = rng.choice(b"0129-").to_bytes() * digits
    return data


def strike_codestream(data: bytearray, rng: random.Random) -> bytearray:
    """Some bytes where frames, and so the headers of JPEG and RLE streams, begin."""
    found = data.find(b"\xe0\x7f\x10\x00")
    for _ in range(rng.choice((1, 2, 8))) if found >= 0 else ():
        at = min(found + 8 + rng.randrange(240), len(data) - 1)
        data[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    return data


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    flip_bits,
    overwrite,
    truncate,
    remove,
    repeat,
    change_length,
    change_size,
    nest,
    change_frames,
    strike_codestream,
)


def mutated(original: bytes, rng: random.Random) -> bytes:
    data = bytearray(original)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(MUTATIONS)(data or bytearray(b"\0"), rng)
    return bytes(data)


def peak_gib() -> float:
    """This program's largest resident memory; Linux's ru_maxrss counts what the caller held before the start too."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text())):
        return int(found[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def shows(target: Path, unpack: Path) -> bool:
    """Whether the file is shown, and all of it; False where it is refused with a reason."""
    if target.suffix == ".zip" or target.name == "DICOMDIR":
        found = list(find_instances([target], unpack=unpack))
        return any(not isinstance(item, Refused) for item in found)
    try:
        header = read_header(target)
        file = RadiographFile.open(target)
        radiograph = file.frame(0)
        radiograph.display()
        for overlay in radiograph.overlays:
            overlay.on_image(radiograph.rows, radiograph.columns)
        if 1 < header.frames <= MOST_FRAMES:
            file.frame(header.frames - 1).display()
    except DicomReadError:
        return False
    return True


def main(folder: Path, count: int, seed: int, files: list[Path]) -> None:
    originals = [path.read_bytes() for path in files]
    shown = refused = 0
    longest = 0.0
    for number in range(count):
        rng = random.Random(seed * 1_000_003 + number)
        file = files[number % len(files)]
        target = folder / {".zip": "mutated.zip", "": file.name}.get(file.suffix, "mutated")
        target.write_bytes(mutated(originals[number % len(originals)], rng))
        faulthandler.dump_traceback_later(2 * LONGEST, exit=True)
        begun = time.perf_counter()
        with TemporaryDirectory(dir=folder) as unpack:
            if shows(target, Path(unpack)):
                shown += 1
            else:
                refused += 1
        longest = max(longest, time.perf_counter() - begun)
    peak = peak_gib()
    json.dump({"shown": shown, "refused": refused, "longest_s": longest, "peak_gib": peak}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), [Path(name) for name in sys.argv[4:]])
