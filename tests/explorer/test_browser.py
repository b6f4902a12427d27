"""The real page in a real browser: it draws, slides, trains, and its numbers are lowcap's."""

import base64
from contextlib import contextmanager

import numpy as np
import pytest

from lowcap.data import Labelled, Split, Target, pair_task
from lowcap.explorer import explore
from lowcap.explorer.page import MOST_BYTES
from lowcap.explorer.rows import cells
from lowcap.measures.saliency import METHODS
from lowcap.networks import grid, initialise
from lowcap.small.export.quantise import quantise
from lowcap.small.kept import read_kept
from lowcap.studies.opened import open as open_run
from lowcap.training import f1, fit
from tests.explorer.made import coloured, image_run, row_run
from tests.explorer.numbers import plain
from tests.report.test_browser import axe_core


@contextmanager
def opened(browser, page, fragment="", width=1280):
    """A page without errors that asks for nothing but itself and its own worker."""
    context = browser.new_context(viewport={"width": width, "height": 900})
    tab, said, asked = context.new_page(), [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{page.as_uri()}{fragment}")
    tab.wait_for_selector("html[data-ready]", state="attached")
    yield tab
    context.close()
    assert said == []
    assert asked[0].startswith("file:")
    assert all(url.startswith("blob:") for url in asked[1:])


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tmp_path_factory.mktemp("explorer") / "run"


@pytest.fixture(scope="module")
def dataset(run):
    return image_run(run)


@pytest.fixture(scope="module")
def page(run, dataset):
    return explore(run)


def images_of(tab, part: str, task: str) -> Labelled:
    """The page's images of a task in their order."""
    content, labels = tab.evaluate(
        """([part, task]) => {
          const { page } = window.explorer;
          const { labels } = page.description.tasks.find(({ id }) => id === task);
          const all = page.arrays[`${part}_labels`], images = page.arrays[`${part}_images`];
          const rows = [...all.keys()].filter((k) => labels.includes(all[k]));
          const text = rows.map((k) =>
            String.fromCharCode(...images.subarray(784 * k, 784 * k + 784)));
          return [btoa(text.join("")), rows.map((k) => Number(all[k] === labels[1]))];
        }""",
        [part, task],
    )
    x = np.frombuffer(base64.b64decode(content), np.uint8).reshape(-1, 784)
    return Labelled(x.astype(np.float32) / 255, np.array(labels, np.float32))


def test_the_page_is_one_small_file_with_real_images(run, dataset, page, browser):
    assert page == run / "explorer.html"
    assert page.stat().st_size <= MOST_BYTES
    with opened(browser, page) as tab:
        held = images_of(tab, "test", "4-9")
        task = pair_task(dataset, 4, 9)
        known = {row.tobytes(): y for row, y in zip(task.test_x, task.test_y, strict=True)}
        bytes_held = np.rint(255 * held.x).astype(np.uint8)
        assert [known[row.tobytes()] for row in bytes_held] == held.y.tolist()
        assert len(held.y) >= 100


def settle(tab, **change) -> dict:
    """Choose something and wait until the page shows it; what it then shows, in numbers."""
    return tab.evaluate(
        """(change) => {
          window.explorer.page.set(change);
          const frame = () => new Promise(requestAnimationFrame);
          return frame().then(frame).then(() => window.explorer.look.now);
        }""",
        change,
    )


@pytest.mark.parametrize("protocol", ["published", "corrected"])
def test_logits_scores_and_units_are_those_of_the_run(run, dataset, page, browser, protocol):
    seed = int(open_run(run).fits.query("protocol == @protocol")["seed"].iloc[0])
    keys = {"protocol": protocol, "task": "4-9", "seed": seed}
    population = open_run(run).population(purpose="everything", **keys)
    used = pair_task(dataset, 4, 9).whole().active
    with opened(browser, page, f"#task=4-9&protocol={protocol}&hidden=23") as tab:
        data = images_of(tab, "test", "4-9")
        for sparsity in (0.0, 0.5, 0.95, 0.99):
            now = settle(tab, sparsity=sparsity)
            network = population.pruned(sparsity)[1]
            assert network.dense.hidden == (23,)
            logits = network.logits(data.x)[:, 0]
            np.testing.assert_allclose(now["logits"], logits, atol=1e-3)
            assert now["f1"] == pytest.approx(float(f1(logits, data.y)))
            alive = network.hidden(data.x).max(axis=0) > 0
            assert [state["alive"] for state in now["states"]] == alive.tolist()
            linked = network.linked(used)[0]
            assert [state["linked"] for state in now["states"]] == linked.tolist()
            cut, dead = (~linked).sum(), (linked & ~alive).sum()
            told = f"23 hidden units: {23 - cut - dead} alive, {dead} dead, {cut} cut off"
            assert tab.inner_text("#unit-counts") == told


def test_sliders_disturb_the_image_and_the_margin_says_how_much(page, browser):
    with opened(browser, page, "#task=4-9&hidden=23&protocol=corrected") as tab:
        clean = settle(tab)["logit"]
        assert tab.inner_text("#margin") == f"Margin {abs(clean):.2f}."
        tab.locator("#noise").fill("0.6")
        tab.locator("#occlusion").fill("9")
        disturbed = settle(tab)["logit"]
        assert disturbed != clean
        assert "→" in tab.inner_text("#margin")
        assert tab.inner_text("#occlusion-words") == "9 × 9 pixels"
        assert "untouched" in tab.inner_text("#f1-words")
        seen = tab.evaluate(
            """() => [...document.getElementById("seen").getContext("2d")
              .getImageData(0, 0, 28, 28).data].filter((_, k) => k % 4 === 0)"""
        )
        assert (np.array(seen) == 0).sum() >= 81
        tab.click("#redraw")
        assert settle(tab)["logit"] != disturbed
        assert settle(tab, noise=0, occlusion=0)["logit"] == pytest.approx(clean)


def test_a_drawn_one_is_read_and_a_link_carries_it(page, browser):
    with opened(browser, page, "#task=0-1&hidden=23&protocol=corrected") as tab:
        tab.click("#clear")
        settle(tab)
        assert tab.inner_text("#verdict") == "No ink"
        box = tab.locator("#pad").bounding_box()
        assert box is not None
        tab.mouse.move(box["x"] + 0.55 * box["width"], box["y"] + 0.15 * box["height"])
        tab.mouse.down()
        tab.mouse.move(box["x"] + 0.45 * box["width"], box["y"] + 0.85 * box["height"], steps=8)
        tab.mouse.up()
        drawn = settle(tab)["logit"]
        assert drawn > 0
        assert tab.inner_text("#verdict") == "1"
        tab.click("#copy")
        tab.wait_for_selector("#copied:not(:empty)")
        fragment = "#" + tab.url.partition("#")[2]
        assert "strokes=" in fragment
    with opened(browser, page, fragment, width=390) as tab:
        assert settle(tab)["logit"] == pytest.approx(drawn, abs=0.2)
        assert tab.evaluate("document.documentElement.scrollWidth") == 390


def test_a_keyboard_draws_and_chooses(page, browser):
    with opened(browser, page, "#task=0-1&hidden=23&protocol=corrected&image=-1") as tab:
        tab.focus("#pad")
        for key in ["Space", *["ArrowDown"] * 20, "Space"]:
            tab.keyboard.press(key)
        settle(tab)
        assert tab.inner_text("#verdict") == "1"
        assert tab.evaluate("window.explorer.page.state.strokes").count(".") == 0
        tab.keyboard.press("Delete")
        settle(tab)
        assert tab.inner_text("#verdict") == "No ink"
        tab.focus("#tab-look")
        tab.keyboard.press("ArrowRight")
        settle(tab)
        assert tab.is_visible("#train")
        assert tab.get_attribute("#tab-train", "aria-selected") == "true"


def test_the_saliency_map_is_that_of_lowcap(run, page, browser):
    network = open_run(run).population(
        purpose="everything", protocol="corrected", task="4-9", seed=0
    )[1]
    with opened(browser, page, "#task=4-9&hidden=23&protocol=corrected") as tab:
        first = images_of(tab, "test", "4-9").x[:1]
        options = tab.locator("#map option").all_inner_texts()
        assert len(options) == 4
        for name in options:
            expected = METHODS[name](network, first)[0]
            found = settle(tab, map=name)["map"]
            np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("batch", [128, None])
def test_training_on_the_page_is_lowcaps(page, browser, batch):
    """The same initial weights and batches give the same losses through 100 steps, and F1."""
    with opened(browser, page, "#view=train&task=4-9") as tab:
        train = images_of(tab, "train", "4-9")
        count = len(train.y)
        steps = -(-count // batch) if batch else 1
        epochs = 100 // steps
        rng = np.random.default_rng(3)
        order = np.stack([rng.permutation(count) for _ in range(epochs)]).astype(np.int32)
        members = grid(
            [24], [0.03], initialiser=["normal_01" if batch is None else "xavier_uniform"]
        )
        test = images_of(tab, "test", "4-9")
        split = Split(train, train.none, test, np.ones(784, bool), Target("4-9", "binary", 1))
        fitted = fit(
            members, split, epochs=epochs, batch_size=batch, order=None if batch is None else order
        )
        asked = {
            "task": "4-9", "hidden": 24, "batch": batch or 0, "limit": 100,
            "order": None if batch is None else order.tolist(),
            "initial": plain(initialise(members, 784)[0]),
        }  # fmt: skip
        found = tab.evaluate("(asked) => window.explorer.training.train(asked)", asked)
        losses = np.array(found["losses"])
        assert len(losses) == 100
        rows = np.diff([*range(0, count, batch or count), count])
        mean = losses[: epochs * steps].reshape(epochs, steps) @ rows / count
        np.testing.assert_allclose(mean, fitted.history.train_loss[:, 0], atol=1e-3)
        logits = fitted.population.logits(test.x)[0, :, 0]
        if epochs * steps == 100:
            assert found["testF1"] == pytest.approx(float(f1(logits, test.y)), abs=0.02)
        assert losses[-1] < losses[0]


def test_play_trains_says_where_the_paper_stopped_and_opens_the_network(page, browser):
    with opened(browser, page, "#view=train&task=0-1&width=3") as tab:
        tab.select_option("#pace", "0")
        tab.click("#play")
        tab.wait_for_selector("#paper:not([hidden])")
        assert "Here the paper stopped after 100 full-batch steps: F1 " in tab.inner_text("#paper")
        tab.click("#play")
        assert tab.locator("#train-units li:visible").count() == 3
        assert tab.locator("#loss-chart path").get_attribute("d")
        tab.click("#inside")
        now = settle(tab)
        assert len(now["states"]) == 3
        assert tab.evaluate("window.explorer.page.state.protocol") == "here"
        assert tab.is_checked("#protocol input[value=here]")


def test_colours_are_shown_and_not_drawn_on(tmp_path, browser):
    data = coloured(tmp_path / "colours.npz")
    image_run(
        tmp_path / "run", dataset=str(data), tasks=("0-1",), hidden=(2,), epochs=2, least_steps=2
    )
    with opened(browser, explore(tmp_path / "run"), "#protocol=corrected") as tab:
        assert "nothing can be drawn" in tab.inner_text("#no-pad")
        assert np.isfinite(settle(tab, occlusion=3, noise=0.2)["logit"])
        assert tab.locator("#thumbnails button").count() > 3


def test_a_users_table_is_predicted_as_it_is_exported(tmp_path, browser):
    table = row_run(tmp_path / "run")
    kept = read_kept(tmp_path / "run")
    (model,) = kept.candidates.values()
    exported = quantise(model, kept.calibration)
    said = exported.predictions(exported.coding.encode(table))
    page = explore(tmp_path / "run")
    assert read_kept(tmp_path / "run").answer == kept.answer  # the page does not damage the run
    with opened(browser, page) as tab:
        for row in (0, 3, 7):
            now = settle(tab, row=row, values="")
            assert now["whole"] == said[row]
            np.testing.assert_allclose(
                now["logits"], model.network.logits(model.inputs(table.iloc[[row]]))[0], atol=1e-3
            )
            assert tab.inner_text("#verdict") == str(model.classes[said[row]])
        column = next(k for k, one in enumerate(model.columns) if one.kind == "number")
        changed = table.iloc[[7]].copy()
        changed.iloc[0, column] = 2.5
        box = tab.locator("#fields .field input[type=number]").first
        for text in ("131.02", "-1234.56", "-0.00123457"):  # six digits, as the page writes them
            box.fill(text)
            assert box.evaluate("(box) => box.scrollWidth <= box.clientWidth"), text
        tab.locator("#fields .field input[type=number]").first.fill("2.5")
        tab.keyboard.press("Tab")
        np.testing.assert_allclose(
            settle(tab)["logits"], model.network.logits(model.inputs(changed))[0], atol=1e-3
        )
        assert cells(model.columns, changed)[0][column] == 2.5
        tab.click("#tab-train")
        settle(tab)
        assert "Nothing to train on" in tab.inner_text("#train")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("part", ["look", "train"])
def test_axe_finds_nothing_to_mend(page, browser, part, width):
    script = axe_core()
    with opened(browser, page, width=width) as tab:
        tab.click(f"#tab-{part}")
        tab.evaluate(script)
        found = tab.evaluate("axe.run().then((result) => result.violations)")
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_what_is_hidden_is_not_seen_and_hints_are(page, browser, width):
    with opened(browser, page, width=width) as tab:
        assert tab.locator("[hidden]:visible").count() == 0
        assert tab.locator("#pad-words").is_visible()
