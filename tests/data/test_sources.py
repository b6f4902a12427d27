import gzip
import hashlib
import threading
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from typing import get_args, get_origin, get_type_hints

import numpy as np
import pytest

from lowcap.cli.data import DataFetch
from lowcap.data import datasets, load_dataset, sources
from lowcap.errors import DataError
from tests.data.test_idx import idx


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LOWCAP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LOWCAP_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def served(tmp_path, cache, monkeypatch):
    """A tiny data set in the form of MNIST, and a server that holds it under /whole."""
    rng = np.random.default_rng(0)
    arrays = {
        "train_images": rng.integers(0, 256, (20, 4, 4), np.uint8),
        "train_labels": np.repeat([0, 1], 10).astype(np.uint8),
        "test_images": rng.integers(0, 256, (6, 4, 4), np.uint8),
        "test_labels": np.repeat([0, 1], 3).astype(np.uint8),
    }
    for folder in ("whole", "damaged"):
        (tmp_path / "web" / folder).mkdir(parents=True)
    digests = {}
    for role, array in arrays.items():
        content = gzip.compress(idx(array), mtime=0)
        digests[role] = hashlib.sha256(content).hexdigest()
        (tmp_path / "web/whole" / sources.FILES[role]).write_bytes(content)
        (tmp_path / "web/damaged" / sources.FILES[role]).write_bytes(content[:-5] + b"wrong")
    server = HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "web")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    root = f"http://127.0.0.1:{server.server_port}"

    def source(*mirrors):
        tiny = sources.Source(
            "tiny", "", digests, tuple(f"{root}/{m}/" for m in mirrors), ("tiny", ".")
        )
        monkeypatch.setitem(sources.SOURCES, "tiny", tiny)
        return tiny

    yield source
    server.shutdown()


def test_fetch_falls_back_to_the_next_mirror(served, cache):
    source = served("absent", "damaged", "whole")
    assert sources.fetch(source) == cache / "tiny"
    assert sources.state(source, cache / "tiny") == "whole"
    assert {path.name for path in (cache / "tiny").iterdir()} == set(sources.FILES.values())


def test_failed_fetch_names_every_mirror_and_leaves_the_cache_clean(served, cache):
    source = served("absent", "damaged")
    with pytest.raises(DataError, match=r"absent.*did not answer.*damaged.*sent a damaged file"):
        sources.fetch(source)
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_a_data_set_of_one_archive_is_fetched_alike(served, cache, tmp_path, monkeypatch):
    mirrors = served("absent", "damaged", "whole").mirrors
    for folder, content in (("whole", b"archive"), ("damaged", b"other")):
        (tmp_path / "web" / folder / "all.tar.gz").write_bytes(content)
    digest = {"archive": hashlib.sha256(b"archive").hexdigest()}
    files = {"archive": "all.tar.gz"}
    one = sources.Source("one", "", digest, mirrors, (".",), files, "cifar")
    assert sources.fetch(one) == cache / "one" == sources.locate(one)
    assert (cache / "one" / "all.tar.gz").read_bytes() == b"archive"
    short = sources.Source("short", "", digest, mirrors[:2], (".",), files, "cifar")
    with pytest.raises(DataError, match=r"cannot download all.tar.gz .* put all.tar.gz into a fol"):
        sources.fetch(short)
    assert not (cache / "short").exists() or not list((cache / "short").iterdir())


def test_what_nobody_publishes_is_not_fetched(cache):
    with pytest.raises(DataError, match=r"not here .* not published: put cifar-10-small.npz into"):
        sources.fetch(sources.SOURCES["cifar-10-small"])


def test_the_command_fetches_what_is_published():
    (choice,) = (
        choice
        for choice in get_args(get_type_hints(DataFetch, include_extras=True)["names"])
        if get_origin(choice) is tuple
    )
    assert get_args(get_args(choice)[0]) == sources.FETCHED


def test_load_fetches_then_mends_a_damaged_cache(served, cache):
    served("whole")
    first = load_dataset("tiny")
    path = cache / "tiny" / sources.FILES["train_images"]
    path.write_bytes(path.read_bytes()[:30])
    assert load_dataset("tiny").sha256 == first.sha256


def test_search_order(served, cache, tmp_path, monkeypatch):
    source = served("whole")
    sources.fetch(source)
    assert sources.locate(source) == cache / "tiny"
    monkeypatch.setenv("LOWCAP_DATA", str(tmp_path / "web" / "whole"))
    assert sources.locate(source) == tmp_path / "web" / "whole"
    assert sources.locate(source, cache) == cache / "tiny"


def test_damaged_file_of_the_user_is_refused_not_replaced(served, tmp_path):
    served("whole")
    folder = tmp_path / "web" / "damaged"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(DataError, match="damaged"):
        load_dataset("tiny", folder)
    assert before == {path: path.read_bytes() for path in folder.iterdir()}


def test_wrong_hash_of_a_readable_file(served, tmp_path):
    served("whole")
    folder = tmp_path / "web" / "whole"
    array = np.zeros((20, 4, 4), np.uint8)
    (folder / sources.FILES["train_images"]).write_bytes(gzip.compress(idx(array)))
    with pytest.raises(DataError, match="not the canonical tiny file"):
        load_dataset("tiny", folder)


def test_counts_that_do_not_match(served, tmp_path):
    served("whole")
    folder = tmp_path / "web" / "whole"
    labels = gzip.compress(idx(np.zeros(19, np.uint8)))
    (folder / sources.FILES["train_labels"]).write_bytes(labels)
    with pytest.raises(DataError, match="20 train images but 19 train labels"):
        load_dataset("tiny", folder)


def test_another_data_set_with_the_same_file_names_is_passed_over(served, tmp_path, monkeypatch):
    source = served("whole")
    other = sources.Source("other", "", {k: "0" * 64 for k in source.sha256}, (), (".",))
    monkeypatch.setitem(sources.SOURCES, "other", other)
    assert sources.locate(other, tmp_path / "web" / "whole") is None


def test_built_in_cache_is_rebuilt_when_damaged(cache):
    first = datasets.load_dataset("mnist-5k")
    stored = cache / "mnist-5k.npz"
    stored.write_bytes(stored.read_bytes()[:1000])
    again = datasets.load_dataset("mnist-5k")
    assert again.sha256 == first.sha256
    assert stored.stat().st_size > 1000
    assert len(first.labels) == 4000
    assert np.bincount(first.test_labels).tolist() == [100] * 10
