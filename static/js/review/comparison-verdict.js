// The letter of an image goes through its verdicts: none, approve, reject.
const ORDER = ["", "approved", "rejected"];

function showNextVerdict(menu) {
  menu.value = ORDER[(ORDER.indexOf(menu.value) + 1) % ORDER.length];
  menu.dispatchEvent(new Event("change", { bubbles: true }));
}

addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (localStorage.getItem("shortcuts") === "off") return;
  const menu = document.querySelector(`[data-verdict="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!menu) return;
  event.preventDefault();
  showNextVerdict(menu);
});

// Chosen with the mouse, a menu gives the keys back; with the keyboard it keeps them.
for (const menu of document.querySelectorAll("[data-verdict]")) {
  let pointed = false;
  menu.addEventListener("pointerdown", () => (pointed = true));
  menu.addEventListener("keydown", () => (pointed = false));
  menu.addEventListener("change", () => pointed && menu.blur());
}
