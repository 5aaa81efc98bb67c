// A page that only hands on what was chosen. Going back to it does not send it again.
const form = document.querySelector("[data-auto-submit]");
const [visit] = performance.getEntriesByType("navigation");
if (visit?.type !== "back_forward") form.requestSubmit();
