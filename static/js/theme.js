// Theme: auto, light, dark. The form works by itself; here the page just does not load again.
const root = document.documentElement;
const order = ["", "light", "dark"];

for (const form of document.querySelectorAll("[data-theme-form]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const theme = button.value;
    const age = theme ? 31536000 : 0;
    document.cookie = `theme=${theme}; path=/; max-age=${age}; SameSite=Lax`;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    const name = form.querySelector("[data-theme-name]");
    name.textContent = name.dataset[theme || "auto"];
    button.value = order[(order.indexOf(theme) + 1) % order.length];
  });
}
