// Single keys press the button that shows them. Ignored while typing and when switched off.
const toggle = document.querySelector("[data-shortcuts-enabled]");
const reasons = document.querySelector("#reasons");
const choosingReason = () => reasons?.matches(":popover-open");

if (toggle) {
  document.querySelector("[data-shortcuts]").hidden = false;
  toggle.checked = localStorage.getItem("shortcuts") !== "off";
  toggle.addEventListener("change", () => localStorage.setItem("shortcuts", toggle.checked ? "on" : "off"));
}

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=range], [type=checkbox]), textarea, select");
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (localStorage.getItem("shortcuts") === "off") return;
  const key = CSS.escape(event.key.toLowerCase());
  const button = choosingReason()
    ? reasons.querySelector(`[data-reason="${key}"]`)
    : document.querySelector(`[data-shortcut="${key}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
