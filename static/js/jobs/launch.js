// The launch page: cells are ticked here; what that makes and costs, the server is asked again.
const WAIT_MS = 350;
const form = document.querySelector("[data-launch-form]");
const $ = (selector) => form.querySelector(selector);
let grid = null;
let timer = 0;
let lastRequest = 0;

// --- ticks: one character for each cell, in one field

function readGrid() {
  const table = $(".matrix");
  if (!table) return null;
  table.classList.add("is-interactive");
  const width = Number(table.dataset.width);
  const boxes = [];
  for (const box of table.querySelectorAll("tbody td input")) {
    box.removeAttribute("name");
    boxes[Number(box.value)] = box;
  }
  for (const head of table.querySelectorAll("[name=row], [name=col]")) {
    head.dataset.axis = head.name;
    head.removeAttribute("name");
  }
  for (const field of form.querySelectorAll("[data-without-scripts]")) field.disabled = true;
  return { table, width, boxes, ticks: [...form.elements.ticks.value], heads: readHeads(table, width, boxes) };
}

function readHeads(table, width, boxes) {
  const choosable = boxes.filter(Boolean);
  const of = (axis, n) =>
    choosable.filter((box) => (axis === "row" ? Math.floor(box.value / width) : box.value % width) === n);
  const heads = new Map([[table.querySelector("[data-all]"), choosable]]);
  const lines = { row: new Map(), col: new Map() };
  for (const box of choosable) {
    for (const [axis, n] of [
      ["row", Math.floor(box.value / width)],
      ["col", box.value % width],
    ]) {
      if (!lines[axis].has(n)) lines[axis].set(n, []);
      lines[axis].get(n).push(box);
    }
  }
  for (const head of table.querySelectorAll("[data-axis]")) {
    heads.set(head, lines[head.dataset.axis].get(Number(head.value)) ?? of(head.dataset.axis, -1));
  }
  return heads;
}

function recordChoice(box) {
  const made = "made" in box.dataset;
  grid.ticks[box.value] = box.checked ? (made ? "2" : "1") : made ? "1" : "0";
}

function tick(target) {
  const line = grid.heads.get(target);
  if (line) {
    for (const box of line) {
      box.checked = target.checked;
      recordChoice(box);
    }
  } else {
    recordChoice(target);
  }
  form.elements.ticks.value = grid.ticks.join("");
}

function showHeads() {
  for (const [head, line] of grid.heads) {
    const on = line.filter((box) => box.checked).length;
    head.checked = on > 0 && on === line.length;
    head.indeterminate = on > 0 && on < line.length;
    head.disabled = line.length === 0;
  }
}

// --- asking the server again: the same form, answered with the same page

async function refresh(submitter) {
  clearTimeout(timer);
  lastRequest += 1;
  const thisRequest = lastRequest;
  const body = new FormData(form, submitter);
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const text = await answer.text();
    if (thisRequest !== lastRequest) return;
    // Signed out meanwhile, or refused: the form as it is leads to the page that says so.
    if (answer.redirected || !answer.ok) return form.submit();
    show(new DOMParser().parseFromString(text, "text/html").querySelector("[data-launch-form]"));
  } catch {
    if (thisRequest !== lastRequest) return;
    form.removeAttribute("aria-busy");
    $("[data-offline]").hidden = false;
  }
}

// What is typed while the answer is on its way stays typed.
function keepTyped(old) {
  if (!old?.matches("input:not([type=checkbox], [type=radio])")) return () => {};
  const { value, selectionStart, selectionEnd } = old;
  return (field) => {
    if (field?.localName !== "input") return;
    field.value = value;
    if (selectionStart !== null) field.setSelectionRange(selectionStart, selectionEnd);
  };
}

function show(answer) {
  const at = document.activeElement;
  const selector = at && form.contains(at) ? selectorOf(at) : "";
  const restore = keepTyped(selector ? at : null);
  const scroll = [".matrix-wrap", ".recipe"].map((name) => [name, $(name)?.scrollLeft, $(name)?.scrollTop]);
  form.replaceChildren(...answer.childNodes);
  form.removeAttribute("aria-busy");
  for (const [name, left, top] of scroll) {
    if ($(name)) [$(name).scrollLeft, $(name).scrollTop] = [left ?? 0, top ?? 0];
  }
  setUp();
  const focus = (selector && $(selector)) || $("#pick-h") || $("#matrix-h");
  focus?.focus({ preventScroll: Boolean(selector) });
  restore(focus);
}

function selectorOf(element) {
  const name = element.getAttribute("name");
  if (element.closest(".matrix"))
    return `.matrix [value="${element.value}"]${element.dataset.axis ? `[data-axis=${element.dataset.axis}]` : ":not([data-axis])"}`;
  if (!name) return "";
  const one = ["radio", "checkbox"].includes(element.type) || element.localName === "button";
  return `[name="${name}"]${one ? `[value="${CSS.escape(element.value)}"]` : ""}`;
}

function refreshSoon(submitter) {
  clearTimeout(timer);
  // An answer that is on its way knows nothing of this change, and the price is an old one.
  lastRequest += 1;
  const launchButton = $("[data-launch-button]");
  if (launchButton) launchButton.disabled = true;
  timer = setTimeout(() => refresh(submitter), WAIT_MS);
}

function setUp() {
  for (const button of form.querySelectorAll("button[data-update-button]")) button.hidden = true;
  grid = readGrid();
  if (!grid) return;
  showHeads();
}

form.addEventListener("input", (event) => {
  const { target } = event;
  if (target.closest(".matrix")) {
    tick(target);
    showHeads();
    refreshSoon();
  } else if (target.matches("[data-budget]")) {
    refreshSoon();
  } else if (target.matches("[data-preset]")) {
    if (target.value) refresh($("[value=preset-load]"));
  } else if (target.matches("[data-search]")) {
    refreshSoon($("[data-search-button]"));
  } else if (target.matches("[data-refresh]")) {
    refreshSoon();
  }
});

// Only the launch itself, and what is kept in the database, leaves the page.
form.addEventListener("submit", (event) => {
  const button = event.submitter;
  const kept = button?.value === "launch" || button?.value.startsWith("preset-");
  if (event.defaultPrevented || form.hasAttribute("aria-busy")) return;
  if (kept && button.value !== "preset-load") {
    if (button.value !== "launch") return;
    // The button's own value still travels: it is disabled only after the form has been read.
    setTimeout(() => {
      button.disabled = true;
    });
    return;
  }
  event.preventDefault();
  refresh(button ?? undefined);
});

// Arrow keys walk the cells, Space ticks.
form.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!step || !event.target.matches(".matrix tbody td input")) return;
  event.preventDefault();
  let [y, x] = [Math.floor(event.target.value / grid.width), event.target.value % grid.width];
  const height = grid.ticks.length / grid.width;
  do [y, x] = [y + step[0], x + step[1]];
  while (y >= 0 && y < height && x >= 0 && x < grid.width && !grid.boxes[y * grid.width + x]);
  if (y >= 0 && y < height && x >= 0 && x < grid.width) grid.boxes[y * grid.width + x].focus();
});

// A page that the browser kept is not what the server would show now.
addEventListener("pageshow", (event) => {
  if (event.persisted) refresh();
});
setUp();
