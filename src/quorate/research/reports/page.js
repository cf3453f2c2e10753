"use strict";
// Read a curve at an instant: by pointer on the drawing, or by keyboard with the slider below it.
for (const data of document.querySelectorAll("script.readings")) {
  const { x, told, top, bottom } = JSON.parse(data.textContent);
  const figure = data.closest("figure");
  const svg = figure.querySelector("svg");
  const cursor = document.createElementNS("http://www.w3.org/2000/svg", "line");
  cursor.setAttribute("class", "cursor");
  cursor.setAttribute("y1", top);
  cursor.setAttribute("y2", bottom);
  cursor.setAttribute("visibility", "hidden");
  svg.append(cursor);

  const row = document.createElement("div");
  const slider = document.createElement("input");
  const words = document.createElement("span");
  row.className = "reading";
  slider.type = "range";
  slider.min = 0;
  slider.max = x.length - 1;
  slider.value = x.length - 1;
  slider.setAttribute("aria-label", "Read the curve at an instant");
  words.setAttribute("aria-hidden", "true");
  row.append(slider, words);
  figure.querySelector(".scroll").after(row);

  const show = (place) => {
    slider.value = place;
    slider.setAttribute("aria-valuetext", told[place]);
    words.textContent = told[place];
    cursor.setAttribute("x1", x[place]);
    cursor.setAttribute("x2", x[place]);
  };
  const point = () => cursor.setAttribute("visibility", "visible");
  show(x.length - 1);
  slider.addEventListener("input", () => {
    point();
    show(slider.valueAsNumber);
  });
  svg.addEventListener("pointermove", (moved) => {
    const box = svg.getBoundingClientRect();
    const at = ((moved.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    let nearest = 0;
    for (let place = 1; place < x.length; place += 1) {
      if (Math.abs(x[place] - at) < Math.abs(x[nearest] - at)) nearest = place;
    }
    point();
    show(nearest);
  });
}

// Paper cannot unfold anything.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
