"""Files of data: IDX written byte by byte, tables, npz; a damaged one is one sentence with the place."""

import gzip
import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jacobian as jac
from mlp import idx, stored, table
from mlp.data import arrays

# ---- IDX -----------------------------------------------------------------------------------------------------------

PACKED = {0x08: "B", 0x09: "b", 0x0B: "h", 0x0C: "i", 0x0D: "f", 0x0E: "d"}


def packed(kind, shape, values):
    """An IDX file as its description says, by the struct module."""
    return (bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)
            + struct.pack(f">{len(values)}{PACKED[kind]}", *values))


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("kind", PACKED)
def test_every_type_is_read_as_it_was_packed(tmp_path, kind, ending):
    values = [0, 1, 2, 100, 7, 5]
    path = tmp_path / f"a{ending}"
    content = packed(kind, (2, 3), values)
    path.write_bytes(gzip.compress(content) if ending else content)
    found = idx.read(path)
    assert found.tolist() == [values[:3], values[3:]]
    assert found.dtype.isnative
    assert found.dtype.itemsize == struct.calcsize(f">{PACKED[kind]}")


GOOD = packed(0x08, (2, 3), range(6))
SHUT = gzip.compress(GOOD, mtime=0)
HUGE = b"\0\0\x08\x03" + struct.pack(">3I", 2**32 - 1, 2**32 - 1, 2**32 - 1)
WIDE = b"\0\0\x08\x01" + struct.pack(">I", 2**31)


@pytest.mark.parametrize(("content", "words"), [
    (b"", "ends at byte 0, but 4 bytes are expected from byte 0 on: the file is cut off"),
    (GOOD[:3], "ends at byte 3, but 4 bytes"),
    (b"PK" + GOOD[2:], "bytes 0 and 1 are 0x50 0x4b, but zeros are expected"),
    (GOOD[:2] + b"\x0a" + GOOD[3:], "byte 2 is 0x0a, but the type is one of 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e"),
    (GOOD[:3] + b"\0" + GOOD[4:], "byte 3 says 0 axes"),
    (GOOD[:3] + b"\xff" + GOOD[4:], "byte 3 says 255 axes"),
    (GOOD[:9], "ends at byte 9, but 8 bytes are expected from byte 4 on"),
    (GOOD[:-1], "ends at byte 17, but 6 bytes are expected from byte 12 on"),
    (GOOD + b"!", "its header says 2 × 3 entries, which end at byte 18, but more bytes follow"),
    (HUGE, "declared as 4294967295 × 4294967295 × 4294967295 numbers of 1 bytes, but at most 4294967296 bytes"),
    (WIDE, "ends at byte 8, but 2147483648 bytes are expected from byte 8 on"),
])
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_damaged_idx_file_is_described_with_the_byte(tmp_path, content, words, ending):
    path = tmp_path / f"a{ending}"
    path.write_bytes(gzip.compress(content) if ending else content)
    tracemalloc.start()
    with pytest.raises(jac.InputError) as found:
        idx.read(path)
    assert tracemalloc.get_traced_memory()[1] < 10**8
    tracemalloc.stop()
    assert words in str(found.value)
    assert str(path) in str(found.value)


@pytest.mark.parametrize("content", [GOOD, SHUT[:-9], SHUT[:-1] + b"!", b""])
def test_damaged_compression_is_named(tmp_path, content):
    path = tmp_path / "a.gz"
    path.write_bytes(content)
    with pytest.raises(jac.InputError, match=r"a\.gz"):
        idx.read(path)


def fill(place, change=(), ending=".gz"):
    """A folder of 6 and 3 images of 2 × 2 pixels."""
    contents = dict(zip(idx.PARTS, (packed(0x08, (6, 2, 2), [255] * 24), packed(0x08, (6,), [0, 1, 2, 0, 1, 2]),
                                    packed(0x08, (3, 2, 2), [51] * 12), packed(0x08, (3,), [2, 1, 0])), strict=True))
    for name, content in {**contents, **dict(change)}.items():
        (place / f"{name}{ending}").write_bytes(gzip.compress(content) if ending else content)


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_folder_of_four_files_is_a_data_set(tmp_path, ending):
    fill(tmp_path, ending=ending)
    data = idx.folder(tmp_path)
    assert (data.x.shape, data.x_test.shape, data.classes) == ((6, 4), (3, 4), 3)
    assert data.x.dtype == np.float32
    assert set(data.x.ravel()) == {1}
    assert data.x_test[0, 0] == pytest.approx(0.2)
    assert data.t_test.tolist() == [2, 1, 0]


@pytest.mark.parametrize(("name", "content", "words"), [
    (idx.PARTS[1], packed(0x08, (5,), [0] * 5), "shape (6, 2, 2) and train-labels-idx1-ubyte (5,), but as many labels"),
    (idx.PARTS[3], packed(0x08, (3, 1), [0] * 3), "but as many labels as images"),
    (idx.PARTS[2], packed(0x08, (3, 2, 3), [0] * 18), "learn from have shape (2, 2), those to test (2, 3)"),
    (idx.PARTS[0], packed(0x0D, (6, 2, 2), [0] * 24), "holds float32, but bytes"),
    (idx.PARTS[3], packed(0x08, (3,), [0, 1, 9]), "t_test must hold classes 0 … 2, but row 2 holds 9"),
    (idx.PARTS[0], packed(0x08, (0, 2, 2), []), "but as many labels as images"),
])
def test_files_that_do_not_belong_together_are_named(tmp_path, name, content, words):
    fill(tmp_path, {name: content})
    with pytest.raises(jac.InputError) as found:
        idx.folder(tmp_path)
    assert words in str(found.value)


def test_a_missing_file_is_named_with_those_expected(tmp_path):
    with pytest.raises(jac.InputError, match=r"no file train-images-idx3-ubyte or train-images-idx3-ubyte\.gz: give"):
        idx.folder(tmp_path)
    with pytest.raises(jac.InputError, match="is not a file: an IDX file is expected"):
        idx.read(tmp_path)
    with pytest.raises(jac.InputError, match="No such file"):
        idx.read(tmp_path / "none")


# ---- tables --------------------------------------------------------------------------------------------------------

FLOWERS = "length,width,kind\n" + "".join(f"{k}.5,{(k * 7) % 10},{'rose' if k % 2 else 'tulip'}\n" for k in range(20))


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_text_is_a_class_by_name(written):
    data = table.load(written(FLOWERS), "kind")
    assert data.labels == ("rose", "tulip")
    raw = np.concatenate([d * data.scaling.deviation + data.scaling.mean for d in (data.x, data.x_test)])
    t = np.concatenate([data.t, data.t_test])
    for (length, width), kind in zip(raw, t, strict=True):
        k = round(length - 0.5)
        assert width == pytest.approx(k * 7 % 10)
        assert data.labels[kind] == ("rose" if k % 2 else "tulip")
    assert data.x.std(axis=0) == pytest.approx(1)


@pytest.mark.parametrize(("cells", "task", "classes"), [
    (["1", "2"] * 10, None, 2), (["1.5", "2.5"] * 10, None, None), ([str(k) for k in range(40)], None, None),
    (["1", "2"] * 10, "numbers", None), (["1.5", "2.5"] * 10, "classes", 2), (["10", "9"] * 10, None, 2),
])
def test_the_task_follows_from_the_target_unless_it_is_said(written, cells, task, classes):
    path = written("x,t\n" + "".join(f"{k},{cell}\n" for k, cell in enumerate(cells)))
    data = table.load(path, "t", task=task)
    assert data.classes == classes
    if classes:
        assert data.labels == tuple(sorted(set(cells), key=float))


def test_quotes_marks_of_order_and_blank_lines_are_read(written):
    found = table.read(written('\ufeff"a, b",c\r\n\r\n" 1 ",x\r\n-2e1,"y ""z"""\r\n'), "c")
    assert (found.features, found.x.tolist(), found.target) == (("a, b",), [[1.0], [-20.0]], ["x", 'y "z"'])
    assert table.read(written(FLOWERS), "kind", ["width"]).features == ("length",)


@pytest.mark.parametrize(("text", "words"), [
    ("", "is empty: a line with the names of the columns is expected"),
    ("\n\n", "is empty"),
    ("a,kind\n", "has a header, but no row below it"),
    ("a,,kind\n1,2,x\n", "line 1: column 2 has no name"),
    ("a,a,kind\n1,2,x\n", "line 1: the name 'a' stands above more than one column"),
    ("a,b\n1,2\n", "has no column 'kind': choose one of a, b"),
    ("kind\nx\n", "has no column beside kind: a feature is needed"),
    ("a,kind\n1,x\n1\n", "line 3: 1 cells, but the header has 2"),
    ("a,kind\n1,x\n\n1,x,3\n", "line 4: 3 cells, but the header has 2"),
    ("a,kind\n1,x\nred,y\n", "line 3: column 'a' holds 'red', but a feature is a number"),
    ("a,kind\n1_0,x\n", "column 'a' holds '1_0'"), ("a,kind\n٣,x\n", "column 'a' holds '٣'"),
    ("a,kind\n1;5,x\n", "column 'a' holds '1;5'"),
    ("a,kind\n1e999,x\n", "line 2: column 'a' holds 1e999, which is too large"),
    *((f"a,b,kind\n1,2,x\n1,{cell},x\n", "line 3: column 'b' has no value") for cell in ("", " ", "NA", "nan", "?")),
    ("a,kind\n1,\n", "line 2: column 'kind' has no value"),
    ("a,kind\n1,x\n2,x\n", "all samples are of one class, 'x'"),
    ("a,kind\n1,x\n2,y\n", "too few to hold 0.2 of each back"),
    ('a,kind\n1,"x\n2,y\n', "line 3: unexpected end of data"),
    (b"a,kind\n1,\xff\n", "line 2: byte 3 is 0xff, which is no text in UTF-8"),
    ("a,kind\n1," + "x" * 200_000, "line 2: field larger than field limit"),
])
def test_a_table_that_cannot_be_is_described_with_the_line(written, text, words):
    with pytest.raises(jac.InputError) as found:
        table.load(written(text), "kind")
    assert words in str(found.value)
    assert "table.csv" in str(found.value)


def test_a_target_that_is_asked_for_as_numbers_is_one(written):
    with pytest.raises(jac.InputError, match="line 2: column 'kind' holds 'tulip', but"):
        table.load(written(FLOWERS), "kind", task="numbers")
    with pytest.raises(jac.InputError, match="has no column 'colour'"):
        table.load(written(FLOWERS), "kind", drop=["colour"])


def test_a_file_without_end_is_refused():
    with pytest.raises(jac.InputError, match="/dev/zero is not a file: a table is expected"):
        table.read("/dev/zero", "kind")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "large.csv"
    with open(path, "wb") as stream:
        stream.truncate(stored.LIMIT + 1)
    with pytest.raises(jac.InputError, match="has 4294967297 bytes, but at most 4294967296 are read"):
        table.read(path, "kind")


# ---- npz -----------------------------------------------------------------------------------------------------------


def archive(**named):
    stream = io.BytesIO()
    np.savez_compressed(stream, **named)
    return stream.getvalue()


def member(name, content):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr(name, content)
    return stream.getvalue()


def header(text, body=b""):
    """An npy file of version 1.0 with that header."""
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + body


X, T = np.arange(30.0).reshape(15, 2), np.arange(15) % 3


def test_an_npz_file_is_split_or_brings_its_own_test_part(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(archive(x=X, t=T))
    data = arrays(path)
    assert (data.classes, data.labels, len(data.t), len(data.t_test)) == (3, ("0", "1", "2"), 12, 3)
    path.write_bytes(archive(x=X, t=X[:, :1] / 3, x_test=X[:4], t_test=X[:4, :1]))
    data = arrays(path)
    assert (data.classes, len(data.t), len(data.t_test)) == (None, 15, 4)
    assert data.t_test * data.scaling.target_deviation + data.scaling.target_mean == pytest.approx(X[:4, :1])


def test_arrays_by_columns_and_of_every_kind_are_read_as_numpy_does(tmp_path):
    path = tmp_path / "a.npz"
    whole = {"a": np.asfortranarray(X), "b": T.astype("u1"), "c": np.array(3.5), "d": X.astype(">f4"),
             "e": np.array([True]), "f": np.zeros((0, 2))}
    path.write_bytes(archive(**whole))
    for name, found in stored.unpack(path).items():
        assert np.array_equal(found, whole[name])
        assert found.shape == whole[name].shape
        assert found.flags.writeable


@pytest.mark.parametrize(("content", "words"), [
    (b"", "cannot be read as an npz file"), (b"text", "File is not a zip file"), (archive(x=X, t=T)[:-30], "zip"),
    (archive(x=X), "holds x, but x and t are expected"), (archive(), "holds nothing"),
    (archive(x=X, t=T[:4]), "t has shape (4,), but x has 15 rows"),
    (archive(x=X, t=T - 1), "must hold classes 0 …"),
    (archive(x=np.where(X == 3, np.nan, X), t=T), "x holds nan in row 1 and column 1"),
    (archive(x=X, t=np.array([None] * 15)), "t holds Python objects"),
    (archive(x=X, t=np.array(["a"] * 15)), "t must hold real numbers"),
    (member("x.npy", b"\x93NUMPY\x09\x00abc"), "x has version (9, 0) of the npy format"),
    (member("x.npy", b"no array"), "cannot be read as an npz file"),
    (member("x.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (999999, 999999999)}")),
     "x is declared as 999999 × 999999999 numbers of 8 bytes"),
    (member("x.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (9,)}", b"12345678")),
     "x of shape (9,) has 72 bytes, but 8 are there"),
    (member("x.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (" + "9," * 30000 + ")}")), "cannot be"),
    (member("x.npy", header("__import__('os').getcwd()")), "cannot be read"),
])
def test_an_npz_file_that_cannot_be_is_described(tmp_path, content, words):
    path = tmp_path / "a.npz"
    path.write_bytes(content)
    with pytest.raises(jac.InputError) as found:
        arrays(path)
    assert words in str(found.value)
    assert "a.npz" in str(found.value)


# ---- whatever stands in them ---------------------------------------------------------------------------------------

READERS = {"a": (idx.read, GOOD), "a.gz": (idx.read, SHUT), "a.npz": (arrays, archive(x=X, t=T)),
           "a.csv": (lambda path: table.load(path, "kind"), FLOWERS.encode())}


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_leads_to_anything_but_an_input_error(name, tmp_path_factory, data):
    read, content = READERS[name]
    path = tmp_path_factory.getbasetemp() / name
    at = data.draw(st.integers(0, len(content)))
    new = data.draw(st.binary(max_size=12))
    path.write_bytes(content[:at] + new + content[data.draw(st.integers(at, min(at + 20, len(content)))):])
    said = name
    try:
        read(path)
    except jac.InputError as error:
        said = str(error)
    assert name in said
