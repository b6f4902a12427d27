"use strict";
// The page around the network: one control a column, a picture to draw on where columns are pixels.
(() => {
  const given = JSON.parse(document.getElementById("model").textContent);
  const { model, shown, vectors } = given;
  const row = shown.start.slice();
  const controls = [];

  function element(tag, attributes, ...children) {
    const found = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) found.setAttribute(name, value);
    found.append(...children);
    return found;
  }

  function written(number) {
    return Number.isFinite(number) ? String(Number(number.toPrecision(6))) : String(number);
  }

  function update() {
    const found = network.outputs(model, network.encode(model, row));
    const word = network.said(model, found);
    const label = model.classes.length ? model.classes[word] : written(network.value(model, word));
    document.getElementById("said").textContent = label;
    if (!model.classes.length) return;
    network.shares(model, found).forEach((share, place) => {
      const bar = document.getElementById(`share-${place}`);
      bar.value = share;
      bar.nextElementSibling.textContent = `${(100 * share).toFixed(1)} %`;
    });
  }

  function set(place, value) {
    row[place] = value;
    update();
  }

  // A number: a slider over what the rows hold, and a box for anything.
  function numberControl(column, place) {
    const { low, high, step } = shown.ranges[place];
    const slider = element("input", { type: "range", min: low, max: high, step, "aria-label": `${column.name}, slider` });
    const box = element("input", { type: "number", step: "any", "aria-label": column.name });
    slider.addEventListener("input", () => {
      box.value = slider.value;
      set(place, Number(slider.value));
    });
    box.addEventListener("input", () => {
      slider.value = box.value;
      set(place, box.value === "" ? null : Number(box.value));
    });
    controls[place] = (value) => {
      box.value = value === null ? "" : value;
      if (value !== null) slider.value = value;
    };
    return [slider, box];
  }

  function categoryControl(column, place) {
    const choice = element("select", { "aria-label": column.name });
    column.categories.forEach((word, each) => choice.append(element("option", { value: each }, word || "(empty)")));
    choice.append(element("option", { value: "other" }, "any other"), element("option", { value: "" }, "missing"));
    const known = (value) => column.categories.indexOf(value);
    choice.addEventListener("change", () => {
      const each = choice.value;
      // A word that is no category: longer than each of them.
      const other = column.categories.join("") + "?";
      set(place, each === "" ? null : each === "other" ? other : column.categories[Number(each)]);
    });
    controls[place] = (value) => {
      choice.value = value === null ? "" : known(value) < 0 ? "other" : known(value);
    };
    return [choice];
  }

  function listControls() {
    const list = document.getElementById("columns");
    model.columns.forEach((column, place) => {
      const made = column.categories ? categoryControl(column, place) : numberControl(column, place);
      list.append(element("div", { class: "column" }, element("span", {}, column.name), ...made));
    });
  }

  // Pixels: press and drag to draw, shift or the right button to rub out.
  function drawing() {
    const { width, height } = shown.image;
    const canvas = element("canvas", { width, height, role: "img", "aria-label": "the image; press and drag to draw" });
    const context = canvas.getContext("2d");
    const picture = context.createImageData(width, height);
    const most = shown.most;
    function paint() {
      for (let pixel = 0; pixel < width * height; pixel++) {
        const grey = (255 * (row[pixel] === null ? 0 : row[pixel])) / most;
        picture.data.set([grey, grey, grey, 255], 4 * pixel);
      }
      context.putImageData(picture, 0, 0);
    }
    function dab(event) {
      const box = canvas.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * width;
      const y = ((event.clientY - box.top) / box.height) * height;
      const rub = event.shiftKey || event.buttons === 2;
      const reach = Math.max(width, height) / 16;
      for (let down = 0; down < height; down++) {
        for (let across = 0; across < width; across++) {
          const away = Math.hypot(across + 0.5 - x, down + 0.5 - y);
          const ink = Math.min(Math.max(reach + 0.5 - away, 0), 1) * most;
          const place = down * width + across;
          const sharp = most === 255 ? Math.round(ink) : ink;
          if (ink > 0) row[place] = rub ? Math.min(row[place], most - sharp) : Math.max(row[place], sharp);
        }
      }
      paint();
      update();
    }
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      dab(event);
    });
    canvas.addEventListener("pointermove", (event) => event.buttons && dab(event));
    canvas.addEventListener("contextmenu", (event) => event.preventDefault());
    const clear = element("button", { type: "button" }, "Clear");
    clear.addEventListener("click", () => show(row.map(() => 0)));
    document.getElementById("columns").append(element("div", { class: "picture" }, canvas, clear));
    return paint;
  }

  const paint = shown.image ? drawing() : (listControls(), null);

  function show(values) {
    values.forEach((value, place) => (row[place] = value));
    controls.forEach((control, place) => control(row[place]));
    if (paint) paint();
    update();
  }

  const examples = document.getElementById("examples");
  shown.rows.forEach((_, number) => examples.append(element("option", { value: number }, `row ${number + 1}`)));
  examples.addEventListener("change", () => examples.value !== "" && show(shown.rows[Number(examples.value)]));

  const wrong = network.mismatches(model, vectors);
  const count = vectors.inputs.length;
  document.getElementById("checked").textContent =
    wrong === 0
      ? `This page agrees with the reference on all ${count} test vectors.`
      : `This page differs from the reference on ${wrong} of ${count} test vectors: do not trust it here.`;
  show(row);
})();
