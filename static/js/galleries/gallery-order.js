// The order of a page: pictures are dragged by their handle (mouse, pen, finger) or moved by keys.
// The form posts the order in which they stand. Without scripts the buttons move one at a time.
const form = document.querySelector("[data-order]");
const list = form?.querySelector(".items");
const announcement = document.querySelector("[data-order-announcement]");
const saveBar = form?.querySelector("[data-save-bar]");
const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
const items = () => [...list.children];

function renumber() {
  const places = items().map((item) => item.querySelector("[data-position]"));
  for (const [n, place] of places.entries()) place.textContent = first + n;
}

function showChanged() {
  renumber();
  saveBar.hidden = false;
}

function announce(item) {
  const n = item.querySelector("[data-position]").textContent;
  announcement.textContent = form.dataset.movedText.replace("{title}", item.dataset.title).replace("{n}", n);
}

function moveTo(item, to) {
  const all = items();
  const place = Math.max(0, Math.min(to, all.length - 1));
  const from = all.indexOf(item);
  if (place === from) return;
  all[place][place > from ? "after" : "before"](item);
  showChanged();
}

function moveBy(item, by, focused) {
  moveTo(item, items().indexOf(item) + by);
  focused.focus();
  item.scrollIntoView({ block: "nearest" });
  announce(item);
}

// --- by pointer ---

let dragged = null;

function itemAt(x, y) {
  return document
    .elementsFromPoint(x, y)
    .map((each) => each.closest?.("[data-item]"))
    .find((each) => each && each !== dragged);
}

function drag(event) {
  const { clientX: x, clientY: y } = event;
  if (y < 80) scrollBy(0, -16);
  if (y > innerHeight - 80) scrollBy(0, 16);
  const other = itemAt(x, y);
  if (other) moveTo(dragged, items().indexOf(other));
}

function drop() {
  dragged.classList.remove("is-dragged");
  document.body.classList.remove("is-dragging");
  announce(dragged);
  dragged = null;
}

function grab(event, handle) {
  if (event.button !== 0) return;
  dragged = handle.closest("[data-item]");
  dragged.classList.add("is-dragged");
  document.body.classList.add("is-dragging");
  // Moving an element in the document ends its capture: listen on the window instead.
  const move = (moved) => moved.pointerId === event.pointerId && drag(moved);
  const end = (ended) => {
    if (ended.pointerId !== event.pointerId) return;
    removeEventListener("pointermove", move);
    removeEventListener("pointerup", end);
    removeEventListener("pointercancel", end);
    drop();
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", end);
  addEventListener("pointercancel", end);
  event.preventDefault();
  handle.focus();
}

// --- by keys and buttons ---

function pressKey(event, handle) {
  const item = handle.closest("[data-item]");
  const steps = { ...STEPS, Home: -items().length, End: items().length };
  if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  moveBy(item, steps[event.key], handle);
}

let first = 1;

if (saveBar) {
  first = Number(items()[0].querySelector("[data-position]").textContent);
  for (const handle of list.querySelectorAll("[data-handle]")) {
    handle.hidden = false;
    handle.addEventListener("pointerdown", (event) => grab(event, handle));
    handle.addEventListener("keydown", (event) => pressKey(event, handle));
  }
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const item = button.closest("[data-item]");
    const [at, by] = [items().indexOf(item), Number(button.dataset.step)];
    // Over the edge of the page the server moves it.
    if (at + by < 0 || at + by >= items().length) return;
    event.preventDefault();
    moveBy(item, by, button);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".pairs input")) return;
    event.preventDefault();
    event.target.closest(".pairs").querySelector("button").click();
  });
  // A move to another page would lose what is not saved: it is saved first, by its own button.
  form.addEventListener("submit", () => (saveBar.hidden = true));
}
