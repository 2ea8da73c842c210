"""``odr demo --exit``: everything it made is checked by other people's tools."""

import json
import subprocess
import sys
from pathlib import Path

import bagit
import pytest

from odr.simulation import cast

KEYS = {
    "case_no",
    "recording",
    "composite",
    "agreement",
    "bag",
    "receipt",
    "seconds",
    "verify",
}


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, check=False, **more)


def odr(*words):
    return run(sys.executable, "-m", "odr.cli", *words)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = odr("demo", "--exit", "--data", str(folder), "--json", str(folder / "out.json"))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return json.loads((folder / "out.json").read_text("utf-8"))


def seconds_of(path, stream):
    shown = run(
        "ffprobe", "-v", "error", "-select_streams", stream, "-show_entries",
        "format=duration", "-of", "csv=p=0", str(path),
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    return float(shown.stdout.strip().splitlines()[0])


def recorded_seconds(report):
    rows = Path(report["recording"], "manifest.jsonl").read_text("utf-8").splitlines()
    return json.loads(rows[-1]).get("t_ms", 0) / 1000


def test_the_report_has_the_promised_keys_and_all_is_verified(report):
    assert set(report) == KEYS
    assert set(report["verify"].values()) == {"ok"}
    assert sum(report["seconds"].values()) < 120


def test_after_a_whole_case_the_database_holds_no_word_of_whoever_was_in_it(report):
    database = next(up for up in Path(report["agreement"]).parents if up.name == "files").parent
    kept = b"".join(one.read_bytes() for one in database.glob("odr.sqlite3*"))
    assert b"private_lending" in kept
    words = [cast.ACCOUNT, cast.MEDIATOR.name, cast.CLERK.name]
    for one in (cast.APPLICANT, cast.RESPONDENT):
        words += [one.name, one.phone, one.id_number, one.address]
    for word in words:
        for form in (word.encode(), ascii(word)[1:-1].encode()):
            assert form not in kept, word


def test_pdfsig_accepts_every_signature(report):
    shown = run("pdfsig", report["agreement"])
    assert shown.stdout.count("Signature is Valid") >= 4
    assert "Invalid" not in shown.stdout.replace("Signature is Valid", "")


def test_qpdf_finds_nothing_wrong_with_the_agreement(report):
    shown = run("qpdf", "--check", report["agreement"])
    assert shown.returncode == 0, shown.stdout + shown.stderr


def test_bagit_validates_the_bag(report):
    assert bagit.Bag(report["bag"]).validate()


def test_the_composite_has_sound_and_picture_of_the_sessions_length(report):
    length = recorded_seconds(report)
    assert length > 10
    shown = run(
        "ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
        report["composite"],
    )  # fmt: skip
    assert set(shown.stdout.split()) == {"h264", "aac"}
    assert abs(seconds_of(report["composite"], "v:0") - length) <= 1


def test_each_participants_film_decodes(report):
    films = sorted(Path(report["recording"]).glob("*.webm"))
    assert len(films) == 4
    for film in films:
        shown = run(
            "ffprobe", "-v", "error", "-count_frames", "-show_entries",
            "stream=codec_name,nb_read_frames", "-of", "csv=p=0", str(film),
        )  # fmt: skip
        assert (shown.returncode, shown.stderr) == (0, "")
        frames = dict(line.split(",") for line in shown.stdout.split())
        length = recorded_seconds(report)
        assert int(frames["vp8"]) > length * 5
        assert abs(int(frames["opus"]) / 50 - length) < 5


def test_one_flipped_byte_anywhere_in_the_bag_is_named(report, tmp_path):
    bag = tmp_path / "bag"
    subprocess.run(["cp", "-r", report["bag"], str(bag)], check=True)
    subprocess.run(["chmod", "-R", "u+w", str(bag)], check=True)
    for path in sorted(p for p in bag.rglob("*") if p.is_file())[::4]:
        whole = path.read_bytes()
        if not whole:
            continue
        middle = len(whole) // 2
        path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        shown = odr("verify", str(bag))
        path.write_bytes(whole)
        assert shown.returncode == 1, path
        assert path.name in shown.stdout, (path, shown.stdout[-2000:])
    assert Path(report["receipt"]).exists()
