"""Reading CIFAR-10 from its binary version, an archive of records of one byte for the label."""

import tarfile
import zlib
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from lowcap.errors import DataError

ARCHIVE = "cifar-10-binary.tar.gz"
SHAPE = (32, 32, 3)
TRAIN = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST = ("test_batch.bin",)

_CLASSES = 10
_PIXELS = 32 * 32 * 3
_RECORD = 1 + _PIXELS
_MOST = 10_000 * _RECORD  # bytes of one file; nothing larger is read into memory

Images = UInt8[np.ndarray, "images pixels"]
Labels = UInt8[np.ndarray, " images"]


def read_cifar(path: Path) -> dict[str, tuple[Images, Labels]]:
    """Read the "train" and "test" images and labels from the archive of the binary version.

    Only the six files of records are read, and nothing is written to disk. Images come with their
    channels last, flattened.

    Raises:
        DataError: the archive is damaged, lacks one of the files, or one holds broken records.
    """
    found: dict[str, tuple[Images, Labels]] = {}
    wanted = {*TRAIN, *TEST}
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                name = Path(member.name).name
                if name in wanted and name not in found:
                    found[name] = _records(f"{path}: {name}", archive, member)
                if len(found) == len(wanted):
                    break  # whatever follows is not looked at
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: truncated or damaged archive; fetch it again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
    missing = [name for name in (*TRAIN, *TEST) if name not in found]
    if missing:
        raise DataError(f"{path}: holds no {', '.join(missing)}; fetch it again")
    parts = {"train": TRAIN, "test": TEST}
    return {
        part: (
            np.concatenate([found[name][0] for name in names]),
            np.concatenate([found[name][1] for name in names]),
        )
        for part, names in parts.items()
    }


def _records(
    where: str, archive: tarfile.TarFile, member: tarfile.TarInfo
) -> tuple[Images, Labels]:
    """The images and labels of one file of the archive."""
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        raise DataError(f"{where} is no plain file")
    if not 0 < member.size <= _MOST or member.size % _RECORD:
        raise DataError(
            f"{where} has {member.size:,} bytes, which is not 1 to 10,000 records of {_RECORD:,}"
        )
    records = np.frombuffer(content.read(), np.uint8).reshape(-1, _RECORD)
    labels, planes = records[:, 0], records[:, 1:].reshape(-1, 3, 32, 32)
    wrong = np.flatnonzero(labels >= _CLASSES)
    if len(wrong):
        raise DataError(
            f"{where}: record {wrong[0]} has label {labels[wrong[0]]}; labels are 0 to 9"
        )
    return planes.transpose(0, 2, 3, 1).reshape(-1, _PIXELS), labels
