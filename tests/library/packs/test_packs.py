"""A pack there and its readings back: what arrives is what was sent, and nothing else is let in."""

from __future__ import annotations

import hashlib
import json
import stat
import struct
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from itertools import permutations

import numpy as np
import pydicom
import pytest

from cxr_desktop.dicom import read_radiograph
from cxr_desktop.domain import Box
from cxr_desktop.library import AddBox, Commit, ReadingStore, RemoveBox, StoredEvent, StoreError
from cxr_desktop.library.packs.deidentifying import Cleaner
from cxr_desktop.library.packs.failure import PackError
from cxr_desktop.library.packs.making import PackRequest, make_pack
from cxr_desktop.library.packs.manifest import MANIFEST, label_set_of, read_manifest
from cxr_desktop.library.packs.opening import inspect_pack, open_pack
from cxr_desktop.library.packs.returning import merge_readings
from cxr_desktop.library.packs.sealed import SEAL, opened_sealed, write_sealed
from cxr_desktop.library.packs.shelf import PackRole
from cxr_desktop.library.packs.signing import KnownKeys, fingerprint, own_signer
from cxr_desktop.resources import resource

MASS = Box(1, 2, 3, 4, "Mass")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def pack(place, images, tmp_path):
    return place("home").make(tmp_path / "round.cxrpack", images, ["Dr. A", "Dr. B"])


def test_a_pack_goes_out_and_its_readings_come_home(place, images, pack, tmp_path):
    away, home = place("anna"), place("home")
    opened = away.open(pack, "Dr. A")
    assert [path.read_bytes() for path in opened.paths] == [path.read_bytes() for path in images]
    assert opened.manifest.label_set.names == ("Mass",)
    assert opened.manifest.blinding.commit_then_reveal
    for case in range(3):
        away.read(opened, case, *[AddBox(replace(MASS, x=case))] * (case + 1), RemoveBox(0))
    returned = away.hand_back(pack, tmp_path / "anna.cxrread")
    with closing(ReadingStore(home.data)) as store:
        merged = merge_readings(store, returned, home.data)
        assert (merged.reader, merged.cases, merged.events, merged.new) == ("Dr. A", 3, 12, 12)
        for case, path in enumerate(images):
            assert store.readers(sha256(path)) == ("Dr. A",)
            history = store.history(sha256(path), "Dr. A")
            assert history.committed
            assert history.present.boxes == (replace(MASS, x=case),) * case
        assert merge_readings(store, returned, home.data).new == 0


def test_a_pack_says_nothing_of_the_files_names(pack):
    assert b"Jane" not in pack.read_bytes()


def test_the_same_request_gives_the_same_bytes(place, images, pack, tmp_path):
    again = place("home").make(tmp_path / "again.cxrpack", images, ["Dr. A", "Dr. B"])
    assert again.read_bytes() == pack.read_bytes()
    elsewhere = place("elsewhere").make(tmp_path / "else.cxrpack", images, ["Dr. A", "Dr. B"])
    assert elsewhere.read_bytes()[:-SEAL] != pack.read_bytes()[:-SEAL], "another issuer says so"


def test_any_zip_program_can_look_into_a_pack(pack):
    with zipfile.ZipFile(pack) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [MANIFEST, "images/0001.png", "images/0002.png", "images/0003.png"]


def test_every_changed_byte_is_refused(pack, tmp_path):
    whole, changed = pack.read_bytes(), tmp_path / "changed.cxrpack"
    for at in range(0, len(whole), 3):
        changed.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(PackError, match=r"changed\.cxrpack"):
            inspect_pack(changed)
    for cut in (0, 1, SEAL - 1, SEAL, len(whole) // 2, len(whole) - 1):
        changed.write_bytes(whole[:cut])
        with pytest.raises(PackError):
            inspect_pack(changed)
    changed.write_bytes(whole + b"x")
    with pytest.raises(PackError):
        inspect_pack(changed)


def test_an_issuer_with_another_key_is_refused_unless_it_is_vouched_for(place, images, pack, tmp_path):
    away, false = place("anna"), place("false")
    away.open(pack, "Dr. A")
    false.name = "home"
    forged = false.make(tmp_path / "forged.cxrpack", images[:2], ["Dr. A"])
    with pytest.raises(PackError, match="home signed with the key"):
        away.open(forged)
    key = inspect_pack(forged)[1]
    assert away.open(forged, accepted=key.upper().replace(" ", "")).key == key
    with pytest.raises(PackError, match="not with 1234"):
        place("ben").open(pack, "Dr. A", "1234")


def test_a_readers_key_is_remembered_at_home(place, images, pack, tmp_path):
    home, away, other = place("home"), place("anna"), place("eve")
    for where, file in ((away, "one.cxrread"), (other, "two.cxrread")):
        opened = where.open(pack, "Dr. A")
        where.read(opened, 0, AddBox(MASS))
        where.hand_back(pack, tmp_path / file, unfinished=True)
    with closing(ReadingStore(home.data)) as store:
        merge_readings(store, tmp_path / "one.cxrread", home.data)
        with pytest.raises(PackError, match=r"reader Dr\. A signed with the key"):
            merge_readings(store, tmp_path / "two.cxrread", home.data)
        assert len(store.versions(sha256(images[0]), "Dr. A")) == 1


def test_unfinished_readings_are_handed_back_only_on_purpose(place, pack, tmp_path):
    away = place("anna")
    opened = away.open(pack, "Dr. A")
    away.read(opened, 0, AddBox(MASS))
    away.read(opened, 1, AddBox(MASS), commit=False)
    with pytest.raises(PackError, match=r"2 of 3 cases are not committed yet \(0003.png, 0002.png\)"):
        away.hand_back(pack, tmp_path / "a.cxrread")
    assert away.hand_back(pack, tmp_path / "a.cxrread", unfinished=True).stat().st_size > SEAL


def test_a_readers_file_for_another_library_is_refused(place, images, pack, tmp_path):
    away = place("anna")
    away.read(away.open(pack, "Dr. A"), 0, AddBox(MASS))
    back = away.hand_back(pack, tmp_path / "a.cxrread", unfinished=True)
    with (
        closing(ReadingStore(place("stranger").data)) as store,
        pytest.raises(PackError, match="not made here"),
    ):
        merge_readings(store, back, place("stranger").data)
    home = place("home")
    with closing(ReadingStore(home.data)) as store, pytest.raises(PackError, match="cxrread"):
        merge_readings(store, pack, home.data)
    with pytest.raises(PackError, match=r"not a \.cxrpack"):
        inspect_pack(back)


def test_a_readers_file_may_not_speak_of_images_or_for_readers_that_were_not_given(place, pack, tmp_path):
    home, away = place("home"), place("anna")
    away.read(away.open(pack, "Dr. A"), 0, AddBox(MASS))
    back = away.hand_back(pack, tmp_path / "a.cxrread", unfinished=True)
    with opened_sealed(back) as sealed:
        head, lines = json.loads(sealed.text(MANIFEST)), sealed.text("events.jsonl")
    event = json.loads(lines.splitlines()[0])
    for name, value, reason in (
        ("image", "f" * 64, "was not given"),
        ("after", "nothing", "lacks what came before"),
        ("step", 7, "lacks what came before"),
        ("event", {"kind": "burn"}, "does not know"),
        ("event", {"kind": "remove", "index": "first"}, "does not know"),
        ("event", {"kind": "amend", "reason": ["x"]}, "does not know"),
        (
            "event",
            {"kind": "add", "box": {"x": 1, "y": 2, "width": 3, "height": 4, "label": 5}},
            "does not know",
        ),
        ("event", {"kind": "withdraw", "label": None}, "does not know"),
    ):
        forged = json.dumps(event | {name: value}).encode()
        write_sealed(
            tmp_path / "f.cxrread",
            {MANIFEST: json.dumps(head).encode(), "events.jsonl": forged},
            own_signer(away.data),
        )
        with closing(ReadingStore(home.data)) as store:
            with pytest.raises(PackError, match=reason):
                merge_readings(store, tmp_path / "f.cxrread", home.data)
            assert store.images() == ()
    stranger = json.dumps(head | {"reader": "Dr. Z"}).encode()
    write_sealed(tmp_path / "z.cxrread", {MANIFEST: stranger, "events.jsonl": lines}, own_signer(away.data))
    with (
        closing(ReadingStore(home.data)) as store,
        pytest.raises(PackError, match=r"nobody is called 'Dr\. Z'"),
    ):
        merge_readings(store, tmp_path / "z.cxrread", home.data)


def resealed(pack, tmp_path, signer, change):
    """The pack with another manifest, signed anew."""
    with opened_sealed(pack) as sealed:
        manifest = json.loads(sealed.text(MANIFEST))
        members = {name: sealed.text(name) for name in sealed.names}
    change(manifest, members)
    out = tmp_path / "resealed.cxrpack"
    write_sealed(out, {**members, MANIFEST: json.dumps(manifest).encode()}, signer)
    return out


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m, _: m.update(version=2), "newer version of CXR Desktop"),
        (lambda m, _: m.pop("images"), "cannot be understood|can be understood"),
        (
            lambda m, _: (
                m["images"][0].update(file=5),
                m["assignments"][0]["cases"].append(5),
                m["assignments"][0]["cases"].remove("images/0001.png"),
                m["assignments"][1]["cases"].remove("images/0001.png"),
            ),
            "can be understood",
        ),
        (lambda m, _: m["assignments"][0]["cases"].append("images/9999.png"), "not images of the pack"),
        (lambda m, _: m["images"][0].update(file="images/../../x.png"), "outside its folder|not images"),
        (lambda _, members: members.update({"images/0004.png": b"more"}), "does not hold the images"),
        (lambda _, members: members.pop("images/0003.png"), "does not hold the images"),
        (lambda _, members: members.update({"images/0003.png": b"other"}), "is not the image"),
        (lambda _, members: members.update({"../evil.png": b"x"}), "leads out of the archive"),
        (lambda _, members: members.update({"/evil.png": b"x"}), "leads out of the archive"),
        (lambda _, members: members.update({"C:evil.png": b"x"}), "leads out of the archive"),
    ],
)
def test_a_signed_pack_that_is_amiss_is_refused(place, pack, tmp_path, change, reason):
    bad, away = resealed(pack, tmp_path, own_signer(place("home").data), change), place("anna")
    with pytest.raises(PackError, match=reason):
        away.open(bad, "Dr. A")
    left = [path for path in away.data.rglob("*") if path.is_file() and path.parent.name != "keys"]
    assert left == [], "nothing of it stays on the disk"


def test_a_compressed_bomb_is_refused_before_it_grows(place, tmp_path, monkeypatch):
    signer = own_signer(place("home").data)
    monkeypatch.setattr("cxr_desktop.library.packs.sealed.zipfile.ZIP_STORED", zipfile.ZIP_DEFLATED)
    write_sealed(tmp_path / "bomb.cxrpack", {MANIFEST: b"0" * 50_000_000}, signer)
    monkeypatch.undo()
    assert (tmp_path / "bomb.cxrpack").stat().st_size < 100_000
    with pytest.raises(PackError, match="compressed"):
        inspect_pack(tmp_path / "bomb.cxrpack")


def test_sizes_that_lie_are_refused(place, pack, tmp_path):
    """One member's size in the central directory says more than the file holds; the seal is made anew."""
    from cxr_desktop.library.packs.sealed import _digest, _seal

    content = bytearray(pack.read_bytes()[:-SEAL])
    at = content.rindex(b"PK\x01\x02")
    struct.pack_into("<II", content, at + 20, 2**30, 2**30)
    lying = tmp_path / "lying.cxrpack"
    lying.write_bytes(content)
    with lying.open("rb") as stream:
        seal = _seal(own_signer(place("home").data), _digest(stream, len(content)))
    lying.write_bytes(bytes(content) + seal)
    with pytest.raises(PackError, match="would grow"):
        inspect_pack(lying)


def test_opening_a_pack_twice_changes_nothing(place, pack):
    away = place("anna")
    first = away.open(pack, "Dr. A")
    assert away.open(pack, "Dr. A") == first
    assert [p.name for p in (away.data / "packs").iterdir()] == [first.folder.name]


def test_opening_a_pack_again_puts_back_what_was_lost_or_changed(place, images, pack):
    away = place("anna")
    opened = away.open(pack, "Dr. A")
    lost, changed, _ = sorted(opened.paths)
    lost.unlink()
    changed.write_bytes(changed.read_bytes()[:40])
    assert away.open(pack, "Dr. A") == opened
    assert [path.read_bytes() for path in sorted(opened.paths)] == [path.read_bytes() for path in images]
    assert [p.name for p in (away.data / "packs").iterdir()] == [opened.folder.name]


def test_a_pack_for_several_asks_for_whom(place, pack):
    with pytest.raises(PackError, match=r"for several readers; choose one of Dr\. A, Dr\. B"):
        place("anna").open(pack)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_the_signing_key_is_its_users_alone(place, tmp_path):
    signer = own_signer(tmp_path)
    assert own_signer(tmp_path).public == signer.public
    assert stat.S_IMODE((tmp_path / "keys" / "own.key").stat().st_mode) == 0o600
    (tmp_path / "keys" / "own.key").write_bytes(b"short")
    with pytest.raises(PackError, match="is damaged"):
        own_signer(tmp_path)


def test_a_fingerprint_is_that_of_the_public_key(tmp_path):
    public = own_signer(tmp_path).public
    digits = hashlib.sha256(public).hexdigest()[:32]
    assert fingerprint(public).replace(" ", "") == digits
    known = KnownKeys(tmp_path)
    known.check("A", public, digits)
    known.check("A", public)


def test_the_manifest_reads_back(place, pack):
    manifest, _ = inspect_pack(pack)
    assert read_manifest(manifest.to_bytes(), "it") == manifest


def test_an_event_under_a_known_uid_that_says_otherwise_is_refused(tmp_path):
    with closing(ReadingStore(tmp_path)) as store:
        one = StoredEvent("i", "A", AddBox(MASS), "", "t", "u1")
        assert store.merge([one]) == 1
        with pytest.raises(StoreError, match="says something else"):
            store.merge(
                [StoredEvent("i", "A", Commit(), "", "t", "u2", "u1", 2), replace(one, event=Commit())]
            )
        assert store.events("i", "A") == (AddBox(MASS),), "all of a file or nothing"


def test_opening_needs_no_store(place, pack, tmp_path):
    assert len(open_pack(pack, tmp_path / "x", "Dr. B").paths) == 3


def test_a_deidentified_pack_tells_nobody_and_its_readings_find_home(place, tmp_path):
    home, away = place("home"), place("anna")
    originals = tuple(sorted(resource("demo", "study").glob("*.dcm")))[:2]
    named = []
    for path in originals:
        dataset = pydicom.dcmread(path)
        dataset.PatientName, dataset.PatientID = "Unmistakable^Jane", "MRN-4711"
        named.append(tmp_path / path.name)
        dataset.save_as(named[-1])
    request = PackRequest({"Dr. A": named}, label_set_of(("Mass",)), "home", "2026-11-23T10:00:00+00:00")
    pack = tmp_path / "clean.cxrpack"
    kept = make_pack(pack, request, own_signer(home.data), Cleaner())
    with closing(ReadingStore(home.data)) as store:
        store.packs.keep(kept)
    content = pack.read_bytes()
    uids = [str(pydicom.dcmread(path).SOPInstanceUID) for path in named]
    assert not any(text.encode() in content for text in ("Unmistakable", "MRN-4711", *uids))
    opened = away.open(pack)
    assert opened.manifest.deidentified
    before, after = (read_radiograph(path).pixels for path in (named[0], opened.paths[0]))
    assert np.array_equal(before, after)
    away.read(opened, 0, AddBox(MASS))
    back = away.hand_back(pack, tmp_path / "a.cxrread", unfinished=True)
    assert uids[0].encode() not in back.read_bytes()
    with closing(ReadingStore(home.data)) as store:
        merge_readings(store, back, home.data)
        assert store.history(sha256(named[0]), "Dr. A").present.boxes == (MASS,)
        assert {event.sop_instance_uid for event in store.chain(sha256(named[0]), "Dr. A")} == {uids[0]}


def test_files_of_several_readers_merge_in_every_order(place, images, pack, tmp_path):
    anna, ben, files = place("anna"), place("ben"), []
    for where, reader in ((anna, "Dr. A"), (ben, "Dr. B")):
        opened = where.open(pack, reader)
        where.read(opened, 0, AddBox(MASS))
        files.append(where.hand_back(pack, tmp_path / f"{where.name}-1.cxrread", unfinished=True))
        where.read(opened, 1, AddBox(MASS), AddBox(replace(MASS, x=9)))
        files.append(where.hand_back(pack, tmp_path / f"{where.name}-2.cxrread", unfinished=True))
    home, seen = place("home"), set()
    with closing(ReadingStore(home.data)) as store:
        (made,) = store.packs.all(PackRole.MADE)
    for number, order in enumerate(permutations(files)):
        data = tmp_path / f"order {number}"
        with closing(ReadingStore(data)) as store:
            store.packs.keep(made)
            for file in (*order, order[0]):
                merge_readings(store, file, data)
            seen.add(
                tuple(
                    (image, reader, store.all_of(image, reader))
                    for image in store.images()
                    for reader in ("Dr. A", "Dr. B")
                )
            )
    (only,) = seen
    assert sum(len(events) for _, _, events in only) == 2 * (2 + 3)
