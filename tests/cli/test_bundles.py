"""kb bundle: one signed file that answers without a server, and tells when it was changed."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from kb.errors import BundleError
from kb.services.bundles import opened
from tests.cli.conftest import Run


@pytest.mark.slow
def test_a_bundle_answers_alone_and_a_changed_one_or_another_key_is_refused(
    kb_filled: Run, tmp_path: Path
) -> None:
    key, other, bundle = (str(tmp_path / name) for name in ("key", "other", "b.zip"))
    assert kb_filled("bundle", "key", key).code == kb_filled("bundle", "key", other).code == 0
    assert Path(key).stat().st_mode & 0o777 == 0o600
    assert kb_filled("bundle", "make", bundle, "--key", key).code == 0

    for written in (key, str(tmp_path / "link")):
        Path(tmp_path / "link").unlink(missing_ok=True)
        Path(tmp_path / "link").symlink_to(key)
        private = Path(key).read_bytes()
        ran = kb_filled("bundle", "make", written, "--key", key)
        assert (ran.code, Path(key).read_bytes()) == (2, private)
        assert "another file than" in ran.err
    Path(f"{key}2.pub").write_text("of somebody else")
    assert kb_filled("bundle", "key", f"{key}2").code == 2
    assert Path(f"{key}2.pub").read_text() == "of somebody else"

    verified = kb_filled("bundle", "verify", bundle, "--key", f"{key}.pub")
    assert verified.out == (
        "Its contents are signed with this key and unchanged: release of 2026-11-23.\n"
    )
    wrong = kb_filled("bundle", "verify", bundle, "--key", f"{other}.pub")
    assert (wrong.code, wrong.out) == (2, "")
    assert "not signed with this key" in wrong.err

    printed = kb_filled("bundle", "ask", bundle, "what does it cost to share?")
    assert "Registering in the SLCP Gateway costs facilities nothing." in printed.out
    assert "--key does it" in printed.err
    faq = kb_filled("bundle", "faq", bundle, "7", "--locale", "vi", "--key", f"{key}.pub")
    assert faq.out.startswith("FAQ 7: Ai ")
    assert faq.err == ""
    profile = ("--profile", "country=VN,enrolled=YES")
    alone = kb_filled("bundle", "what-if", bundle, *profile, "--key", f"{key}.pub").out
    assert alone == kb_filled("what-applies", *profile).out

    changed = tmp_path / "changed.zip"
    with zipfile.ZipFile(bundle) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b" " if name.endswith("sqlite3") else b""))
    for answer in ("verify", "faq"):
        more = ("7",) if answer == "faq" else ()
        ran = kb_filled("bundle", answer, str(changed), *more, "--key", f"{key}.pub")
        assert (ran.code, ran.out) == (2, "")
        assert "The bundle was changed" in ran.err


def test_whatever_byte_of_the_archive_was_changed_it_is_told(tmp_path: Path) -> None:
    bundle = tmp_path / "b.zip"
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("manifest.json", "manifest.sig", "knowledge.sqlite3"):
            archive.writestr(name, f"{name} " * 20)
    whole = bundle.read_bytes()
    for place in range(0, len(whole), 3):
        for bit in (0x01, 0x08, 0x40):
            changed = bytearray(whole)
            changed[place] ^= bit
            bundle.write_bytes(changed)
            with pytest.raises(BundleError), opened(bundle, None):
                pass


def test_a_place_that_cannot_be_written_to_is_named(kb_filled: Run, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing" / "file")
    commands = (
        ("bundle", "key", missing),
        ("rules", "diagram", "--out", missing),
        ("report", "DEMO-OS-000002", "--out", missing),
    )
    for command in commands:
        ran = kb_filled(*command)
        assert (ran.code, ran.out) == (2, "")
        assert "cannot be used: No such file or directory" in ran.err
        assert missing in ran.err.replace("\n", "")


def test_a_key_is_not_overwritten(kb_filled: Run, tmp_path: Path) -> None:
    key = str(tmp_path / "key")
    kb_filled("bundle", "key", key)
    again = kb_filled("bundle", "key", key)
    assert (again.code, "exists already" in again.err) == (2, True)
