// Keys and buttons of the console lead to the same acts. Single keys are ignored while typing, with
// a modifier, and when switched off (WCAG 2.1.4).
const STEP = 5;

export function listen(page, acts) {
  const $ = (selector) => page.querySelector(selector);
  const reasons = $("#reasons");
  const help = $("#help");
  const note = $("#note");
  const toggle = $("[data-shortcuts-enabled]");
  const off = () => localStorage.getItem("shortcuts") === "off";
  toggle.checked = !off();
  toggle.addEventListener("change", () => localStorage.setItem("shortcuts", toggle.checked ? "on" : "off"));

  page.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (!button || button.hasAttribute("popovertarget")) return;
    event.preventDefault();
    acts[button.dataset.action]();
  });
  $("[data-reasons]").addEventListener("submit", (event) => {
    event.preventDefault();
    const { value, textContent } = event.submitter;
    reasons.hidePopover();
    acts.reason({ reason: value, note: note.value, label: textContent.trim().slice(1).trim() });
    note.value = "";
  });
  // Return in the note must not send the first reason: it leads back to the list.
  note.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    reasons.querySelector("[data-reason]").focus();
  });

  const keys = {
    a: acts.approve,
    r: acts.reject,
    s: acts.skip,
    u: acts.undo,
    z: acts.zoom,
    i: acts.open,
    "?": acts.help,
    ArrowLeft: acts.left,
    ArrowRight: acts.right,
    "[": () => acts.slide(-STEP),
    "]": () => acts.slide(STEP),
    b: () => acts.before(true),
  };
  const inReasons = (key) => {
    if (key === "n") note.focus();
    else reasons.querySelector(`[data-reason="${CSS.escape(key)}"]`)?.click();
    return key === "n";
  };
  addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=range]), textarea, select");
    if (typing || (event.repeat && !event.key.startsWith("Arrow")) || event.ctrlKey || event.metaKey || event.altKey)
      return;
    if (off() || help.open) return;
    if (event.target.matches("[type=range]") && event.key.startsWith("Arrow")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (reasons.matches(":popover-open")) {
      if (inReasons(key)) event.preventDefault();
      return;
    }
    if (!keys[key]) return;
    event.preventDefault();
    keys[key]();
  });
  addEventListener("keyup", ({ key }) => {
    if (key.toLowerCase() === "b") acts.before(false);
  });
}
