"""Files that are whole or not there, and extras that are named."""

import os
import stat
from pathlib import Path

import pytest

import jacobian as jac


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sheet.html"
    jac.write(path, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(jac.InputError, match="No space left"):
        jac.write(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    written = jac.write(tmp_path / "deep" / "down" / "file", b"\x00\xff")
    assert written.read_bytes() == b"\x00\xff"
    assert stat.S_IMODE(written.stat().st_mode) == stat.S_IMODE((tmp_path / "plain").stat().st_mode)


def test_a_missing_extra_is_named_with_its_install_command() -> None:
    told = r'learning curves needs nowhere.*pip install "jacobian-toolkit\[plot\]"'
    with pytest.raises(jac.MissingExtra, match=told):
        jac.extra("nowhere.pyplot", "plot", "learning curves")
