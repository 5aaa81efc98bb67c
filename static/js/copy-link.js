// Copies the address that is shown once. Without scripts it is selected and copied by hand.
const button = document.querySelector("[data-copy]");
const field = document.querySelector("#address");

if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    document.querySelector("[data-copy-status]").textContent = field.dataset.copied;
  });
}
field?.addEventListener("focus", () => field.select());
