"""Files and zips that are broken are said so in one line, whatever is broken in them."""

import io
import zipfile
from pathlib import Path

import pytest

from proxy.imports import table
from proxy.imports.table import Unreadable, files, lines

TEXT = "date,visitors\n" + "2026-05-01,3\n" * 200


def packed(compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with one table."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", compression) as archive:
        archive.writestr("a.csv", TEXT)
    return body.getvalue()


def said(folder: Path, body: bytes) -> str:
    """Why a zip can't be read."""
    (folder / "a.zip").write_bytes(body)
    with pytest.raises(Unreadable) as raised:
        [list(lines(file)) for file in files([folder / "a.zip"])]
    return str(raised.value)


def marked(body: bytes, local: int, central: int, value: int) -> bytes:
    """A zip with another number in both its heads."""
    changed = bytearray(body)
    changed[local] = changed[body.index(b"PK\1\2") + central] = value
    return bytes(changed)


def test_an_encrypted_zip_is_said_to_be(tmp_path: Path) -> None:
    """With what to do."""
    assert said(tmp_path, marked(packed(), 6, 8, 1)) == "a.csv: it is encrypted: unpack it first"


def test_a_way_of_packing_that_is_not_known_is_said(tmp_path: Path) -> None:
    """As some programs have it."""
    assert "it can't be read: That compression method is not supported" in said(tmp_path, marked(packed(), 8, 10, 99))


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_with_any_byte_changed_or_its_middle_gone_is_read_or_refused(tmp_path: Path, compression: int) -> None:
    """Never another error."""
    body, path = packed(compression), tmp_path / "a.zip"
    broken = [body[:at] + bytes([body[at] ^ flip]) + body[at + 1 :] for at in range(len(body)) for flip in (255, 16)]
    shorter = [body[:at] + body[at + 9 :] for at in range(0, len(body), 3)]
    reasons = []
    for one in (*broken, *shorter):
        path.write_bytes(one)
        try:
            [list(lines(file)) for file in files([path])]
        except Unreadable as error:
            reasons.append(str(error))
    assert len(reasons) > len(body) // 2
    assert not [reason for reason in reasons if "\n" in reason]


def test_a_line_without_end_is_not_taken_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused at a length that no table has."""
    monkeypatch.setattr(table, "_LONGEST_LINE", 30)
    for text, number in (("a,b\n" + "x," * 20, 2), ("a," * 20, 1)):
        (tmp_path / "a.csv").write_text(text, encoding="utf-8")
        with pytest.raises(Unreadable, match=rf"a\.csv: line {number}: it is longer than 30 characters"):
            list(lines(files([tmp_path / "a.csv"])[0]))
