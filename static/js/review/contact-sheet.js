// Contact sheet: tile size, arrow keys that follow what the eye sees, keys that lead to the bar.
const form = document.querySelector("[data-sheet]");
const size = document.querySelector("[data-size]");
const why = document.querySelector("#why");

size.value = localStorage.getItem("tile") ?? size.value;
const resize = () => {
  form?.style.setProperty("--tile", `${size.value}px`);
  localStorage.setItem("tile", size.value);
};
size.addEventListener("input", resize);
resize();

const boxes = form ? [...form.querySelectorAll("[name=ids]")] : [];
const place = (box) => box.getBoundingClientRect();

function above(box, down) {
  const here = place(box);
  const lines = boxes.filter((each) => (place(each).top - here.top) * down > 8);
  const nearest = down > 0 ? lines[0] : lines.at(-1);
  const line = nearest ? lines.filter((each) => Math.abs(place(each).top - place(nearest).top) < 8) : [];
  const away = (each) => Math.abs(place(each).left - here.left);
  return line.sort((a, b) => away(a) - away(b))[0];
}

function arrow(event) {
  const at = boxes.indexOf(event.target);
  if (at < 0) return;
  event.preventDefault();
  const down = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const next = down ? above(event.target, down) : boxes[at + { ArrowLeft: -1, ArrowRight: 1 }[event.key]];
  if (!next) return;
  if (event.shiftKey) {
    // From where it began up to here, everything between is ticked, too.
    const [from, to] = [at, boxes.indexOf(next)].sort((a, b) => a - b);
    for (const box of boxes.slice(from, to + 1)) box.checked = true;
    form.dispatchEvent(new Event("picked"));
  }
  next.focus();
}

function letter(event) {
  const key = event.key.toLowerCase();
  const reason = why?.matches(":popover-open") && why.querySelector(`[data-reason="${CSS.escape(key)}"]`);
  if (reason) return reason.click();
  if (event.key === "Enter" && boxes.includes(event.target)) {
    event.preventDefault();
    return location.assign(event.target.closest(".cell").querySelector("a").href);
  }
  // They lead to the button and press nothing: many results are at stake. The bar floats: what is
  // ticked stays in sight.
  if (!form.classList.contains("has-picks")) return;
  form.querySelector(`[data-go="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

addEventListener("keydown", (event) => {
  if (!form || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("keys") === "off") return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  if (/^Arrow(Up|Down|Left|Right)$/.test(event.key)) arrow(event);
  else letter(event);
});

form?.addEventListener("click", (event) => {
  const group = event.target.closest("[data-pick-group]")?.closest("section");
  if (!group) return;
  for (const box of group.querySelectorAll("[name=ids]")) box.checked = true;
  form.dispatchEvent(new Event("picked"));
});
