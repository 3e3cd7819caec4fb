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


@pytest.mark.parametrize("order", [("good", "bad"), ("bad", "good")], ids=" then ".join)
def test_of_files_that_belong_together_none_is_written_where_one_cannot_be(
        tmp_path: Path, order: tuple[str, str]) -> None:
    (tmp_path / "good").write_text("old")
    (tmp_path / "bad").mkdir()
    with pytest.raises(jac.InputError, match=r"bad cannot be written \(it is there, but no file\)"):
        jac.write_all({tmp_path / name: "new" for name in order})
    assert (tmp_path / "good").read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [tmp_path / "bad", tmp_path / "good"]


def test_a_disk_that_is_full_after_the_first_file_keeps_both_old_ones(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / "a", tmp_path / "b"]
    jac.write_all(dict.fromkeys(paths, "old"))
    room = iter([None])

    def fsync(_: int) -> None:
        for _ in room:
            return
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(jac.InputError, match=r"b cannot be written \(No space left on device\)"):
        jac.write_all(dict.fromkeys(paths, "new"))
    assert [path.read_text() for path in paths] == ["old", "old"]
    assert sorted(tmp_path.iterdir()) == paths


def test_a_pipe_is_not_replaced_and_a_link_is_followed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(jac.InputError, match="no file"):
        jac.write(tmp_path / "pipe", "lost")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    (tmp_path / "link").symlink_to("target")
    assert jac.write(tmp_path / "link", "text") == tmp_path / "link"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "text"


@pytest.mark.parametrize("name", ["file/inside", "file/deep/down", "x" * 300])
def test_a_place_that_cannot_be_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(jac.InputError, match=r"cannot be written \((Not a directory|File name too long)\)"):
        jac.write(tmp_path / name, "text")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_missing_extra_is_named_with_its_install_command() -> None:
    told = r'learning curves needs nowhere.*pip install "jacobian-toolkit\[plot\]"'
    with pytest.raises(jac.MissingExtra, match=told):
        jac.extra("nowhere.pyplot", "plot", "learning curves")
