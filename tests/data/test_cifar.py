import hashlib
import io
import tarfile

import numpy as np
import pytest

from lowcap.cli import main
from lowcap.data import CLASS_NAMES, load_dataset, sources
from lowcap.data.cifar import ARCHIVE, TEST, TRAIN, read_cifar
from lowcap.errors import DataError

RECORD = 1 + 32 * 32 * 3


def records(count: int, seed: int) -> bytes:
    """So many records of random images, labels 0 to 9 in turn."""
    content = np.random.default_rng(seed).integers(0, 256, (count, RECORD), np.uint8)
    content[:, 0] = np.arange(count) % 10
    return content.tobytes()


WHOLE = {name: records(10, seed) for seed, name in enumerate((*TRAIN, *TEST))}


def archive(files: dict[str, bytes]) -> bytes:
    """A gzipped tar of these files, as CIFAR-10 comes, with a page beside them."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w:gz") as tar:
        for name, content in {"readme.html": b"hello", **files}.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return written.getvalue()


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Write an archive, and take it for the canonical one."""
    monkeypatch.setenv("LOWCAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LOWCAP_DATA", raising=False)

    def write(content: bytes):
        (tmp_path / ARCHIVE).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        known = sources.SOURCES["cifar-10"]
        source = sources.Source(
            "cifar-10", "photographs", {"archive": digest}, (), (".",), known.files, "cifar"
        )
        monkeypatch.setitem(sources.SOURCES, "cifar-10", source)
        return tmp_path

    return write


def test_planes_become_pixels_and_files_follow_each_other(made):
    data = load_dataset("cifar-10", made(archive(WHOLE)))
    assert (data.name, data.shape) == ("cifar-10", (32, 32, 3))
    assert (len(data.images), len(data.test_images)) == (50, 10)
    np.testing.assert_array_equal(data.labels, np.tile(np.arange(10), 5))
    for images, place, name in ((data.images, 23, TRAIN[2]), (data.test_images, 3, TEST[0])):
        record = np.frombuffer(WHOLE[name], np.uint8).reshape(10, RECORD)[3]
        image = images[place].reshape(32, 32, 3)
        for channel in range(3):
            plane = record[1 + 1024 * channel : 1 + 1024 * (channel + 1)]
            np.testing.assert_array_equal(image[:, :, channel], plane.reshape(32, 32))


def test_the_order_inside_the_archive_does_not_matter(made):
    first = load_dataset("cifar-10", made(archive(WHOLE))).sha256
    turned = dict(reversed(WHOLE.items()))
    assert load_dataset("cifar-10", made(archive(turned))).sha256 == first


def changed(**files: bytes | None) -> bytes:
    """The archive with some files replaced or left out."""
    both = WHOLE | {f"{name}.bin": content for name, content in files.items()}
    return archive({name: content for name, content in both.items() if content is not None})


LABELLED_12 = WHOLE[TEST[0]][: 2 * RECORD] + b"\x0c" + WHOLE[TEST[0]][2 * RECORD + 1 :]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (changed(test_batch=WHOLE[TEST[0]][:-1]), r"test_batch.bin has 30,729 bytes, which is not"),
        (changed(test_batch=b""), r"test_batch.bin has 0 bytes"),
        (changed(data_batch_3=bytes(10_001 * RECORD)), r"data_batch_3.bin has 30,733,073 bytes"),
        (changed(data_batch_3=None), r"holds no data_batch_3.bin; fetch it again"),
        (changed(test_batch=LABELLED_12), r"test_batch.bin: record 2 has label 12; labels are 0"),
        (archive(WHOLE)[:-30_000], "truncated or damaged archive"),
        (b"hello", "truncated or damaged archive"),
    ],
)
def test_damage_is_one_clear_line(made, content, message):
    folder = made(content)
    with pytest.raises(DataError, match=message) as error:
        load_dataset("cifar-10", folder)
    assert str(folder / ARCHIVE) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_link_in_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "secret").write_bytes(records(10, 0))
    with tarfile.open(tmp_path / ARCHIVE, "w:gz") as tar:
        member = tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin")
        member.type, member.linkname = tarfile.SYMTYPE, str(tmp_path / "secret")
        tar.addfile(member)
    with pytest.raises(DataError, match=r"data_batch_1.bin is no plain file"):
        read_cifar(tmp_path / ARCHIVE)


def test_an_absent_archive_is_named(tmp_path):
    with pytest.raises(DataError, match=r"cifar-10-binary.tar.gz: cannot be read \(No such file"):
        read_cifar(tmp_path / ARCHIVE)


def test_another_archive_than_the_canonical_is_refused_before_it_is_opened(tmp_path):
    (tmp_path / ARCHIVE).write_bytes(archive(WHOLE))
    with pytest.raises(DataError, match=r"not the canonical cifar-10 file .* data fetch cifar-10'"):
        load_dataset("cifar-10", tmp_path)


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("LOWCAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LOWCAP_DATA", raising=False)
    return tmp_path


def test_the_small_part_says_what_it_is_where_it_is_missing(nowhere, capsys):
    with pytest.raises(DataError, match=r"6,000 \+ 2,000 .* JPEG copy .* cifar-10-small.npz into"):
        load_dataset("cifar-10-small")
    assert main(["data", "check", "cifar-10-small", "cifar-10"]) == 1
    small, full = capsys.readouterr().err.strip().splitlines()
    assert "JPEG copy of CIFAR-10" in small
    assert "not published" in small
    assert "run 'lowcap data fetch cifar-10'" in full
    assert main(["data", "list"]) == 0
    assert "JPEG copy" in " ".join(capsys.readouterr().out.split())


def test_a_file_under_the_name_of_the_small_part_is_not_taken_for_it(nowhere):
    images = np.zeros((60, 32, 32, 3), np.uint8)
    images[0] = 1
    np.savez(nowhere / "cifar-10-small.npz", images=images, labels=np.arange(60) % 10)
    with pytest.raises(DataError, match=r"not the canonical cifar-10-small file .* not published"):
        load_dataset("cifar-10-small", nowhere)
    own = load_dataset(str(nowhere / "cifar-10-small.npz"))
    assert own.class_names == ()


def test_the_small_part_is_six_and_two_thousand_photographs(capsys):
    if sources.locate(sources.SOURCES["cifar-10-small"]) is None:
        pytest.skip("cifar-10-small.npz is not here: name its folder in LOWCAP_DATA")
    data = load_dataset("cifar-10-small")
    assert data.images.shape == (6000, 3072)
    assert data.shape == (32, 32, 3)
    assert np.bincount(data.labels).tolist() == [600] * 10
    assert np.bincount(data.test_labels).tolist() == [200] * 10
    assert data.class_names == CLASS_NAMES["cifar-10"]
    # Skies: photographs of airplanes are bluer than red, those of deer are not.
    red, _, blue = (data.images.reshape(-1, 1024, 3)[:, :, c].mean(axis=1) for c in range(3))
    bluer = [(blue - red)[data.labels == label].mean() > 0 for label in (0, 4)]
    assert bluer == [True, False]
    assert main(["data", "check", "cifar-10-small"]) == 0
    said = capsys.readouterr().out
    assert "JPEG copy" in said
    assert "6,000 training and 2,000 test images of 32 x 32 x 3, 10 classes (airplane, a" in said


def test_every_class_that_has_a_name_has_one_of_its_own():
    assert set(CLASS_NAMES) <= {"mnist-5k", *sources.SOURCES}
    for names in CLASS_NAMES.values():
        assert len(set(names)) == len(names) == 10
    assert load_dataset("mnist-5k").class_names == tuple("0123456789")
