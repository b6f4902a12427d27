"""The command, what it refuses, and how the page is put together."""

import json
import re
from functools import partial
from importlib import import_module

import numpy as np
import pytest

from lowcap.cli import main
from lowcap.cli.explore import page_of_small
from lowcap.errors import RunError
from lowcap.explorer import explore
from lowcap.explorer.networks import Shown, fitting, laid_out
from lowcap.explorer.page import SCRIPTS, WORKER, Content, html, joined
from lowcap.report.links import EXPLORER_LINK, NO_EXPLORER
from lowcap.runs import Store
from lowcap.small.export.manifest import verify
from lowcap.small.kept import read_kept
from lowcap.studies.publish import link_explorer
from tests.explorer.made import row_run
from tests.explorer.numbers import network

CONTENT = {"kind": "images", "title": "</script> & more", "shape": [3, 4], "tasks": []}


def test_the_command_writes_the_page_of_a_users_run(tmp_path, capfd):
    row_run(tmp_path / "run")
    assert main(["explore", str(tmp_path / "run")]) == 0
    page = tmp_path / "run" / "explorer.html"
    assert capfd.readouterr().out.strip() == f"explore: {page}"
    assert "explorer.html" not in verify(tmp_path / "run")
    first = page.read_bytes()
    assert main(["explore", str(tmp_path / "run")]) == 0
    assert page.read_bytes() == first


def test_a_page_published_before_leads_to_it_and_all_else_stays(tmp_path):
    store = Store(tmp_path)
    with store.locked(), store.published.generation() as made:
        made.write("report.html", f"<p>{NO_EXPLORER}</p>")
        made.write("tables/one.parquet", b"rows")
        made.inputs["calibration.parquet"] = "0" * 64
    before = store.published.files()
    link_explorer(store)
    assert (tmp_path / "report.html").read_text() == f"<p>{EXPLORER_LINK}</p>"
    assert (tmp_path / "tables/one.parquet").read_bytes() == b"rows"
    assert store.published.inputs() == {"calibration.parquet": "0" * 64}
    after = store.published.files()
    assert {name for name in before if after[name] != before[name]} == {"report.html"}
    shown = store.published.current.readlink()
    link_explorer(store)
    assert store.published.current.readlink() == shown


def test_networks_without_room_are_a_line_beside_the_answer(tmp_path, capfd, monkeypatch):
    row_run(tmp_path / "run")
    kept = read_kept(tmp_path / "run")
    page = page_of_small(kept)
    assert page is not None
    assert page.encode() == explore(tmp_path / "run").read_bytes()
    monkeypatch.setattr(import_module("lowcap.explorer.explore"), "html", partial(html, most=1000))
    assert page_of_small(kept) is None
    assert "no page to play with: " in capfd.readouterr().err


def nothing(folder):
    pass


def another_study(folder):
    Store(folder).write_record({"study": "xor"})


def damaged(folder):
    (folder / "run.json").write_text('{"study": "low-capacity"}')


@pytest.mark.parametrize(
    ("make", "said"),
    [(nothing, "no run here"), (another_study, "a run of xor"), (damaged, "damaged")],
)
def test_what_has_no_page_is_a_line(tmp_path, capfd, make, said):
    make(tmp_path)
    assert main(["explore", str(tmp_path)]) == 1
    assert said in capfd.readouterr().err.replace("\n", " ")
    with pytest.raises(RunError):
        explore(tmp_path)
    assert not (tmp_path / "explorer.html").exists()


def test_networks_that_are_wanted_first_come_first_as_far_as_there_is_room():
    wanted = [Shown({"number": n}, network(size, 1, n)) for n, size in enumerate((5, 9, 2))]
    room = wanted[0].weights + wanted[2].weights
    assert [one.keys["number"] for one in fitting(wanted, room)] == [0, 2]
    entries, values = laid_out(fitting(wanted, room))
    assert [one["start"] for one in entries] == [0, wanted[0].weights]
    np.testing.assert_array_equal(values[-1], wanted[2].network.b2[0])
    assert len(values) == room


def test_a_page_stays_below_its_limit_or_is_refused():
    wanted = [Shown({"number": n}, network(400, 1, n)) for n in range(8)]
    whole = html(Content(CONTENT, {}, wanted))
    limit = len(whole.encode()) - 40_000
    less = html(Content(CONTENT, {}, wanted), limit)
    assert limit - 60_000 < len(less.encode()) <= limit
    with pytest.raises(RunError, match="too large"):
        html(Content(CONTENT, {}, wanted), 1000)


def test_text_of_a_run_cannot_end_the_script_it_stands_in():
    page = html(Content(CONTENT, {}, [Shown({}, network(1, 1, 0))]))
    (text,) = re.findall(r'id="description">(.*?)</script>', page, re.S)
    assert json.loads(text)["title"] == CONTENT["title"]
    assert "<title>Explore &lt;/script&gt; &amp; more</title>" in page


@pytest.mark.parametrize("names", [SCRIPTS, WORKER])
def test_joined_scripts_import_nothing_and_come_after_what_they_need(names):
    text = joined(names)
    assert not re.search(r"^(import|export) ", text, re.M)
    for needed, at in ((m[1], m.start()) for m in re.finditer(r" = module_(\w+);", text)):
        assert f"const module_{needed} = (() =>" in text[:at]
    assert not re.search(r"https?://(?!www\.w3\.org)|fetch\(|XMLHttpRequest|</script", text)
