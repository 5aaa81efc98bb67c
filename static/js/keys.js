// Single keys press the button that shows them. Ignored while typing and when switched off.
const toggle = document.querySelector("[data-keys-on]");
const reasons = document.querySelector("#reasons");
const open = () => reasons?.matches(":popover-open");

if (toggle) {
  document.querySelector("[data-keys]").hidden = false;
  toggle.checked = localStorage.getItem("keys") !== "off";
  toggle.addEventListener("change", () => localStorage.setItem("keys", toggle.checked ? "on" : "off"));
}

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=range], [type=checkbox]), textarea, select");
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (localStorage.getItem("keys") === "off") return;
  const key = CSS.escape(event.key.toLowerCase());
  const button = open()
    ? reasons.querySelector(`[data-reason="${key}"]`)
    : document.querySelector(`[data-key="${key}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
