// Selection: a form of checkboxes and the bar that acts on them. Without scripts the bar is always there.
const fields = "input:not([type=checkbox]), select, textarea, [popover]";

for (const form of document.querySelectorAll("[data-selection-form]")) {
  const bar = form.querySelector("[data-bulk-bar]");
  if (!bar) continue;
  const count = bar.querySelector("[data-count]");
  const all = bar.querySelector("[name=all]");
  const boxes = [...form.querySelectorAll("[name=ids]")];
  let last = null;

  function refresh() {
    const n = boxes.filter((box) => box.checked).length;
    form.classList.toggle("has-selection", n > 0 || Boolean(all?.checked));
    const words = n === 1 ? count.dataset.one : count.dataset.many.replace("{n}", n);
    count.textContent = all?.checked ? count.dataset.all : words;
  }

  function clear() {
    for (const box of [...boxes, all]) if (box) box.checked = false;
    refresh();
  }

  form.addEventListener("click", (event) => {
    const box = event.target;
    if (boxes.includes(box)) {
      if (event.shiftKey && last) {
        const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
        for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      }
      last = box;
      // One that is taken out again: no longer all of them.
      if (all && !box.checked) all.checked = false;
    }
    if (box === all) for (const each of boxes) each.checked = all.checked;
    if (box.closest("[data-clear-selection]")) {
      clear();
      boxes[0].focus();
    }
    refresh();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !form.classList.contains("has-selection")) return;
    if (event.target.closest(fields) || document.querySelector(".popover:popover-open")) return;
    const inside = bar.contains(document.activeElement);
    clear();
    if (inside) (last ?? boxes[0]).focus();
  });

  // Ticked by another script.
  form.addEventListener("selection-changed", refresh);

  // Return in a field does what the button beside it does.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches(".pairs input")) return;
    event.preventDefault();
    event.target.closest(".pairs").querySelector("button").click();
  });

  bar.querySelector("[data-clear-selection]").hidden = false;
  // After going back, a browser may tick what was ticked.
  addEventListener("pageshow", refresh);
  refresh();
}

for (const field of document.querySelectorAll("[data-submit-on-change]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}
