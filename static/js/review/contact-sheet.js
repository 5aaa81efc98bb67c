// Contact sheet: tile size, arrow keys that follow what the eye sees, keys that lead to the bar.
const form = document.querySelector("[data-contact-sheet]");
const size = document.querySelector("[data-tile-size]");
const rejectReasons = document.querySelector("#why");

size.value = localStorage.getItem("tile-size") ?? size.value;
const resize = () => {
  form?.style.setProperty("--tile", `${size.value}px`);
  localStorage.setItem("tile-size", size.value);
};
size.addEventListener("input", resize);
resize();

const boxes = form ? [...form.querySelectorAll("[name=ids]")] : [];
const bounds = (box) => box.getBoundingClientRect();

function boxInNextRow(box, down) {
  const here = bounds(box);
  const lines = boxes.filter((each) => (bounds(each).top - here.top) * down > 8);
  const nearest = down > 0 ? lines[0] : lines.at(-1);
  const line = nearest ? lines.filter((each) => Math.abs(bounds(each).top - bounds(nearest).top) < 8) : [];
  const away = (each) => Math.abs(bounds(each).left - here.left);
  return line.sort((a, b) => away(a) - away(b))[0];
}

function pressArrow(event) {
  const at = boxes.indexOf(event.target);
  if (at < 0) return;
  event.preventDefault();
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const next = down ? boxInNextRow(event.target, down) : boxes[at + { ArrowLeft: -1, ArrowRight: 1 }[event.key]];
  if (!next) return;
  if (event.shiftKey) {
    // From where it began up to here, everything between is ticked, too.
    const [from, to] = [at, boxes.indexOf(next)].sort((a, b) => a - b);
    for (const box of boxes.slice(from, to + 1)) box.checked = true;
    form.dispatchEvent(new Event("selection-changed"));
  }
  next.focus();
}

function pressLetter(event) {
  const key = event.key.toLowerCase();
  const reason =
    rejectReasons?.matches(":popover-open") && rejectReasons.querySelector(`[data-reason="${CSS.escape(key)}"]`);
  if (reason) return reason.click();
  if (event.key === "Enter" && boxes.includes(event.target)) {
    event.preventDefault();
    return location.assign(event.target.closest(".cell").querySelector("a").href);
  }
  // They lead to the button and press nothing: many results are at stake. The bar floats: what is
  // ticked stays in sight.
  if (!form.classList.contains("has-selection")) return;
  form.querySelector(`[data-focus-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

addEventListener("keydown", (event) => {
  if (!form || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("shortcuts") === "off") return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  if (/^Arrow(Up|Down|Left|Right)$/.test(event.key)) pressArrow(event);
  else pressLetter(event);
});

form?.addEventListener("click", (event) => {
  const group = event.target.closest("[data-select-group]")?.closest("section");
  if (!group) return;
  for (const box of group.querySelectorAll("[name=ids]")) box.checked = true;
  form.dispatchEvent(new Event("selection-changed"));
});
