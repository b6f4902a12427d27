"""`lowcap small`, `export` and `check` as a user calls them: from a file to a chip."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, r2_score

from lowcap.cli import main
from lowcap.explorer import explore
from lowcap.small.export.manifest import verify
from lowcap.small.kept import read_kept
from lowcap.small.model import SmallModel
from lowcap.small.verifying import verify_small
from tests.report.told import Links

QUICK = ["--sizes", "0", "1", "3", "--folds", "3", "--repeats", "1"]
FIELDS = {
    "hidden", "sparsity", "bits", "score", "low", "high", "reference_score", "not_excluded",
    "verdict", "sentence", "parameters", "macs", "flash_bytes", "ram_bytes",
}  # fmt: skip
COLUMNS = {
    "hidden", "sparsity", "bits", "score", "low", "high", "folds", "parameters", "weights_left",
    "macs", "flash_bytes", "ram_bytes",
}  # fmt: skip


def rows(count: int = 150, seed: int = 0) -> pd.DataFrame:
    """Numbers, a category and gaps; "label" in words, "kind" of three, "value" a number."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "width": rng.normal(size=count),
            "always": 7,
            "height": rng.normal(40, 9, count),
            "colour": rng.choice(["red", "green", "blue"], count),
            "age": rng.integers(1, 90, count),
        }
    )
    value = 3 * table["width"] + (table["colour"] == "red") + 0.05 * table["height"]
    table["label"] = np.where(value > value.median(), "yes, please", "no")
    table["kind"] = np.digitize(value, value.quantile([1 / 3, 2 / 3]))
    table["value"] = value + 0.1 * rng.normal(size=count)
    table["patient"] = np.arange(count) // 5
    table.loc[rng.random(count) < 0.1, ["height", "colour"]] = None
    return table


def written(path, table):
    table.to_csv(path, index=False)
    return path


def refused(capfd, tmp_path, *arguments) -> str:
    """The one line of a refusal, which leaves nothing behind."""
    out, before = tmp_path / "refused", set(tmp_path.iterdir())
    capfd.readouterr()
    assert main(["small", *QUICK, *map(str, arguments), "--out", str(out)]) == 1
    said = capfd.readouterr().err
    assert "Traceback" not in said
    assert set(tmp_path.iterdir()) == before
    (line,) = said.strip().splitlines()
    assert line.startswith("lowcap: ")
    return line


KINDS = {
    "binary": ("label", ["kind", "value", "patient"], []),
    "classes": ("kind", ["label", "value", "patient"], ["--bits", "32"]),
    "regression": ("value", ["label", "kind", "patient"], []),
    "groups": ("label", ["kind", "value"], ["--group", "patient"]),
}


@pytest.fixture(scope="module", params=KINDS)
def run(request, tmp_path_factory):
    """A run of each kind, exported: its name, its folder, and the file it was made of."""
    folder = tmp_path_factory.mktemp("small")
    target, drop, more = KINDS[request.param]
    path = written(folder / "data.csv", rows().drop(columns=drop))
    out = folder / "run"
    assert main(["small", str(path), "--target", target, *more, *QUICK, "--out", str(out)]) == 0
    assert main(["export", str(out)]) == 0
    return request.param, out, path


def answer_of(out):
    return json.loads((out / "answer.json").read_text(encoding="utf-8"))


def test_a_run_holds_what_was_agreed(run):
    _, out, _ = run
    assert answer_of(out).keys() >= FIELDS
    assert answer_of(out)["verdict"] in ("holds", "undecided", "not reached")
    assert " test rows that nothing was chosen on, " in answer_of(out)["test"]["sentence"]
    assert (answer_of(out)["verdict"] == "holds") == (answer_of(out)["reason"] == "")
    assert set(pd.read_parquet(out / "frontier.parquet").columns) == COLUMNS
    page = (out / "report.html").read_text(encoding="utf-8")
    assert answer_of(out)["sentence"].split(":")[0] in page
    assert "explorer.html" in Links(page).targets
    played = (out / "explorer.html").read_bytes()
    assert len(played) <= 4_000_000
    assert explore(out).read_bytes() == played
    assert {"model.onnx", "model.safetensors", "model.h", "test_vectors.h", "model.html"} < set(
        verify(out / "export")
    )
    verify(out)
    assert verify_small(out) == []


def test_the_answer_is_that_of_the_frontier(run):
    _, out, _ = run
    answer, table = answer_of(out), pd.read_parquet(out / "frontier.parquet")
    kept = table[
        (table["hidden"] == answer["kept"]["hidden"])
        & (table["sparsity"] == answer["kept"]["sparsity"])
        & (table["bits"] == answer["bits"])
    ].iloc[0]
    for name in ("parameters", "macs", "flash_bytes", "ram_bytes", "weights_left"):
        assert kept[name] == answer[name]
    assert f"{int(kept['flash_bytes']):,} bytes of flash" in answer["sentence"]
    assert (table["low"] <= table["score"]).all()
    assert (table["score"] <= table["high"]).all()
    dense = table[table["sparsity"] == 0]
    assert set(dense["hidden"]) == {0, 1, 3}
    small, large = (dense[dense["bits"] == bits].set_index("hidden") for bits in (8, 32))
    assert (small["flash_bytes"] < large["flash_bytes"]).all()
    for _, own in table.groupby(["hidden", "bits"]):
        assert own.sort_values("sparsity")["weights_left"].is_monotonic_decreasing


def test_what_is_exported_scores_what_the_answer_says(run):
    """By its labels of the test rows alone, taken from the file: rows that are not calibration."""
    kind, out, path = run
    answer, kept = answer_of(out), read_kept(out)
    exported = kept.exported(kept.chosen(None, None), answer["bits"])
    assert isinstance(exported, SmallModel) == (answer["bits"] == 32)
    file, target = pd.read_csv(path), KINDS[kind][0]
    model = kept.chosen(None, None)
    assert model.names() == [name for name in file.columns if name not in (target, "patient")]
    numbers = file.round(9).merge(kept.vectors.round(9), how="left", indicator=True)
    tests = file[(numbers["_merge"] == "both").to_numpy()]
    assert len(tests) == answer["test"]["rows"] == len(kept.vectors)
    said = exported.predict(tests)
    score = r2_score if kind == "regression" else balanced_accuracy_score
    true = tests[target].to_list()
    assert score(true, list(said)) == pytest.approx(answer["test"]["score"], abs=1e-6)
    if kind == "groups":
        assert not set(tests["patient"]) & set(file.drop(tests.index)["patient"])


def test_the_chip_says_the_same_and_other_sizes_can_be_had(run, capfd):
    _, out, _ = run
    assert main(["check", str(out), "--chip", "host"]) == 0
    table = pd.read_parquet(out / "frontier.parquet")
    sparse = table[(table["hidden"] == 3) & (table["bits"] == 8)].iloc[-1]
    other = out.parent / "other"
    command = ["export", str(out), "--to", "c", "--size", "3", "--bits", "8"]
    assert main([*command, "--sparsity", str(sparse["sparsity"]), "--out", str(other)]) == 0
    assert f"{int(sparse['flash_bytes']):,} bytes of flash" in capfd.readouterr().out
    assert main(["check", str(other), "--chip", "host"]) == 0
    assert main(["export", str(out), "--size", "2"]) == 1
    assert main(["export", str(out), "--sparsity", "0.33"]) == 1
    assert main(["export", str(out.parent)]) == 1
    assert "no run of lowcap small" in capfd.readouterr().err


def test_onnx_takes_the_columns_as_they_stand(run):
    import onnxruntime

    kind, out, _ = run
    kept = read_kept(out)
    session = onnxruntime.InferenceSession(str(out / "export" / "model.onnx"))
    model = kept.chosen(None, None)
    assert [one.name for one in session.get_inputs()] == list(model.names())
    fed = {}
    for one in session.get_inputs():
        values = kept.vectors[one.name]
        text = "string" in one.type
        plain = values.fillna("").to_numpy(object) if text else values.to_numpy(np.float32)
        fed[one.name] = plain[:, None]
    (first, *_) = session.run(None, fed)
    said = np.asarray(first).ravel()
    true = model.predict(kept.vectors)
    if kind == "regression":
        np.testing.assert_allclose(said, true.astype(float), rtol=1e-3, atol=1e-3)
    else:
        assert (said == true.astype(said.dtype)).mean() > 0.97  # rounding may decide a row


def test_images_a_test_file_and_a_run_in_the_place_of_an_earlier_one(tmp_path, capfd):
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    images = rng.integers(0, 120, (120, 5, 5)).astype(np.uint8)
    images[np.arange(120), 2, 1 + labels] = 255
    images[:, 0] = 0
    np.savez(tmp_path / "train.npz", images=images[:90], labels=labels[:90])
    np.savez(tmp_path / "later.npz", images=images[90:], labels=labels[90:])
    out = tmp_path / "run"
    command = ["small", str(tmp_path / "train.npz"), "--test", str(tmp_path / "later.npz")]
    assert main([*command, *QUICK, "--out", str(out)]) == 0
    said = capfd.readouterr().out
    assert "25 pixels, divided by 255; 5 that never change are ignored" in said
    answer = answer_of(out)
    assert said.strip().splitlines()[-1] == answer["sentence"]
    assert answer["test"]["rows"] == 30
    assert answer["data"]["training_rows"] == 90
    assert main(["export", str(out), "--to", "c"]) == 0
    assert "#define MODEL_COLUMNS 25" in (out / "export" / "model.h").read_text()
    assert main(["check", str(out), "--chip", "host"]) == 0
    # A second run replaces the first with its export; a stranger's file stops it.
    assert main([*command, *QUICK, "--out", str(out), "--budget", "flash=60B", "ram=1kB"]) == 0
    assert not (out / "export").exists()
    assert answer_of(out)["flash_bytes"] <= 60
    assert answer_of(out)["ram_bytes"] <= 1000
    chip = str(tmp_path / "chip")  # wherever it goes, the budget goes with it
    assert main(["export", str(out), "--to", "c", "--out", chip]) == 0
    assert main(["check", chip, "--chip", "host"]) == 0
    beside = capfd.readouterr().out.splitlines()[-1]
    assert beside.startswith("host: the budget as compiled for this machine: ")
    assert beside.endswith(" of 1,000 bytes of RAM with stack and inputs (fits)")
    (out / "thesis.txt").write_text("years of work")
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert main([*command, *QUICK, "--out", str(out)]) == 1
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_f1_of_the_label_that_is_named_on_rows_some_of_which_are_known(tmp_path, capfd):
    """Whoever is positive, labels keep their numbers in what is exported."""
    train = written(tmp_path / "a.csv", rows()[["width", "age", "label"]])
    later = pd.concat([rows(80, 1), rows().head(5)])[["width", "age", "label"]]
    asked = [str(train), "--target", "label", "--test", str(written(tmp_path / "b.csv", later))]
    out, few = tmp_path / "run", ["--sizes", "0", "1", "--folds", "2", "--repeats", "1"]
    asked += ["--metric", "f1", "--positive", "no", "--out", str(out)]
    assert main(["small", *asked, *few]) == 0
    assert "F1 is that of finding no; for yes, please give --positive" in capfd.readouterr().out
    answer, kept = answer_of(out), read_kept(out)
    assert (answer["metric"], answer["positive"]) == ("f1", "no")
    assert 'F1 of "no" .' in answer["sentence"]
    known = "On 85 test rows, 5 of which also stand among the training rows, the network that is"
    assert answer["test"]["sentence"].startswith(known)
    assert "test F1 of &#34;no&#34;" in (out / "report.html").read_text(encoding="utf-8")
    model = kept.chosen(None, None)
    assert model.classes == ("no", "yes, please")
    said = list(kept.exported(model, 8).predict(later))
    expected = f1_score(later["label"], said, pos_label="no")
    assert answer["test"]["score"] == pytest.approx(expected)
    assert main(["export", str(out), "--to", "c"]) == 0
    header = (out / "export" / "model.h").read_text(encoding="utf-8")
    assert '0 = "no"' in header
    assert main(["check", str(out), "--chip", "host"]) == 0


def test_a_positive_label_that_cannot_be_is_a_line(tmp_path, capfd):
    path = written(tmp_path / "a.csv", rows())
    for words, more in {
        "positive 'maybe': no such label; the labels are no and yes, please": ("label", "f1"),
        "positive 'maybe': only metric 'f1'": ("label", "roc_auc"),
        "positive 'maybe': the target is 3 labels": ("kind", "f1_macro"),
        "positive 'maybe': the target is a number": ("value", "r2"),
    }.items():
        asked = (path, "--target", more[0], "--metric", more[1], "--positive", "maybe")
        assert words in refused(capfd, tmp_path, *asked)


def test_a_budget_that_nothing_meets_is_a_line(tmp_path, capfd):
    path = written(tmp_path / "data.csv", rows(60)[["width", "age", "label"]])
    line = refused(capfd, tmp_path, path, "--target", "label", "--budget", "flash=2B")
    assert "no network fits into 2 bytes of flash" in line
    for words in ("flash=2", "flash"), ("flash=", "ram=1B"), ("disk=2kB",), ("ram=-1B",):
        line = refused(capfd, tmp_path, path, "--target", "label", "--budget", *words)
        assert "write flash=2kB, ram=256B" in line


BAD = {
    "no column": (lambda t: t.drop(columns="label"), "no column 'label'"),
    "constant": (lambda t: t.assign(label="a"), "says a in all 60 rows"),
    "one row a class": (lambda t: t.assign(label=[f"c{i}" for i in range(60)]), "1 row"),
    "too few rows": (
        lambda t: t.assign(label=np.arange(60) % 3).iloc[:2],
        "2 training rows are fewer",
    ),
    "empty column": (lambda t: t.assign(age=np.nan), "column 'age' is empty in every row"),
    "infinite": (lambda t: t.assign(age=[np.inf] * 60), "holds inf"),
    "names": (lambda t: t.assign(age=[f"name {i}" for i in range(60)]), "60 different texts"),
    "10,000 categories": (
        lambda t: pd.concat([t] * 300).assign(age=[f"place {i % 10000}" for i in range(18000)]),
        "holds 10,000 different texts",
    ),
    "gap in the target": (lambda t: t.assign(label=t["label"].where(t.index != 3)), "row 4"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_table_not_to_be_learned_from_is_a_line(tmp_path, capfd, name):
    change, words = BAD[name]
    table = change(rows(60)[["width", "age", "label"]].reset_index(drop=True))
    line = refused(capfd, tmp_path, written(tmp_path / "bad.csv", table), "--target", "label")
    assert any(word in line for word in words.split("|")), line


def test_files_that_cannot_be_read_are_a_line(tmp_path, capfd):
    good = rows(60)[["width", "age", "label", "patient"]]
    path = written(tmp_path / "data.csv", good)
    other = written(tmp_path / "other.csv", good.assign(label="maybe", patient=99))
    few = written(tmp_path / "few.csv", good.assign(patient=np.arange(60) % 2))
    (tmp_path / "latin.csv").write_bytes("width,label\n1,größe\n".encode("latin-1"))
    (tmp_path / "broken.npz").write_bytes(b"no zip")
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    asked = ["--target", "label"]
    for given, words in (
        ([tmp_path, *asked], "is a folder"),
        ([tmp_path / "none.csv", *asked], "no such file"),
        ([tmp_path / "latin.csv", *asked], "not UTF-8"),
        ([tmp_path / "broken.npz"], "broken.npz"),
        ([tmp_path / "broken.parquet", *asked], "cannot be read as Parquet"),
        ([path], "which column to predict"),
        ([path, *asked, "--test", other], "no training row has"),
        ([few, *asked, "--group", "patient"], "2 groups, fewer than the 3 folds"),
        ([path, *asked, "--metric", "r2"], "a binary task takes"),
        ([path, *asked, "--tolerance", "0.1", "--at-least", "0.9"], "not both"),
        ([path, *asked, "--tolerance", "-1"], "must not be negative"),
        ([path, *asked, "--minutes", "0"], "must be above 0"),
        ([path, *asked, "--tolerance", "inf"], "nor infinite"),
        ([path, *asked, "--at-least", "nan"], "must be a finite number"),
        ([path, *asked, "--folds", "9999"], "folds 9999: must be at most 1,000"),
        (["iris", "--target", "width"], "its target is 'target'"),
        (["iris", "--drop", "width"], "comes as it is"),
    ):
        assert words in refused(capfd, tmp_path, *given)


def test_a_shipped_table_says_its_labels_in_words_and_that_it_took_too_long(tmp_path, capfd):
    out = tmp_path / "run"
    asked = ["--at-least", "0.5", "--minutes", "0.0001"]
    assert main(["small", "iris", *QUICK, *asked, "--out", str(out)]) == 0
    said = [line for line in capfd.readouterr().out.splitlines() if line.startswith("took ")]
    assert said == [answer_of(out)["notes"][-1]]
    assert "more than the 0.0001 asked for" in said[0]
    assert read_kept(out).chosen(None, None).classes == ("setosa", "versicolor", "virginica")
    assert answer_of(out)["at_least"] == 0.5


def test_the_same_request_gives_the_same_answer(tmp_path):
    path = written(tmp_path / "data.csv", rows(60)[["width", "colour", "label"]])
    found = []
    for name in ("a", "b"):
        out = tmp_path / name
        command = ["small", str(path), "--target", "label", *QUICK, "--out", str(out)]
        assert main(command) == 0
        found.append((answer_of(out), verify(out)["networks.safetensors"]))
    assert found[0][1] == found[1][1]
    for answer, _ in found:
        answer.pop("seconds")
    assert found[0][0] == found[1][0]
