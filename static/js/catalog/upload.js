// Uploads: the whole page takes drops, each file has a row of its own, at most two are on their way.
// A file stays with its row, so that what failed is tried again without choosing it again.
const AT_ONCE = 2;
const MB = 1e6;
const form = document.querySelector("[data-upload-form]");
const list = document.querySelector("[data-upload-list]");
const template = document.querySelector("[data-upload-row]");
const footer = document.querySelector("[data-upload-summary]");
const statusLine = footer.querySelector("[data-upload-status]");
const texts = list.dataset;
const rows = new Map();

const count = (...states) => [...rows.values()].filter((job) => states.includes(job.state)).length;
const busy = () => count("waiting", "sending", "checking");

function add(file) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector(".file-name").textContent = file.name;
  list.append(row);
  list.hidden = footer.hidden = false;
  const job = { file, row, fields: {} };
  rows.set(row, job);
  preview(job);
  enqueue(job);
}

// A canvas, not a blob: address, so that the policy for images can stay at 'self'.
async function preview({ file, row }) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: 72 });
    const canvas = Object.assign(document.createElement("canvas"), { width: 72, height: 96 });
    canvas.getContext("2d").drawImage(bitmap, 0, (96 - bitmap.height) / 2);
    row.querySelector(".thumbnail-placeholder, canvas").replaceWith(canvas);
  } catch {
    // No picture that a browser knows: the server says what it is.
  }
}

function enqueue(job) {
  show(job, "waiting", texts.waiting);
  sendNext();
}

function sendNext() {
  for (const job of rows.values()) {
    if (count("sending", "checking") >= AT_ONCE) return;
    if (job.state === "waiting") send(job);
  }
}

function send(job) {
  const data = new FormData(form);
  data.delete("anyway");
  data.set("photos", job.file);
  for (const [name, value] of Object.entries(job.fields)) data.set(name, value);
  job.xhr = new XMLHttpRequest();
  job.xhr.open("POST", form.action);
  job.xhr.setRequestHeader("Accept", "application/json");
  job.xhr.responseType = "json";
  job.xhr.upload.onprogress = (event) => progress(job, event);
  job.xhr.onload = () => receive(job);
  job.xhr.onerror = () => finish(job, "lost", texts.lost);
  job.xhr.onabort = () => rows.has(job.row) && finish(job, "stopped", texts.stopped);
  progress(job, { loaded: 0, total: job.file.size });
  job.xhr.send(data);
}

function progress(job, { loaded, total }) {
  const share = total ? Math.floor((100 * loaded) / total) : 0;
  const [sent, size] = [loaded, total].map((n) => (n / MB).toFixed(1));
  if (share >= 100) return show(job, "checking", texts.checking);
  show(job, "sending", texts.sending.replace("{sent}", sent).replace("{size}", size));
  job.row.querySelector("progress").value = share;
  job.row.querySelector("[data-percent]").textContent = `${share}%`;
}

function receive(job) {
  const { status, response, responseURL } = job.xhr;
  if (status === 403 || new URL(responseURL).pathname !== new URL(form.action).pathname) {
    return finish(job, "lost", texts.signedOut);
  }
  const result = status === 200 && response?.files?.[0];
  if (!result) return finish(job, "lost", texts.broken);
  const link = job.row.querySelector("a");
  if (result.asset) link.href = result.asset.url;
  finish(job, result.outcome, result.outcome === "added" ? describe(result) : result.message, result.alike);
}

function describe({ asset, message }) {
  return [asset.about, asset.finding].filter(Boolean).join(", ") || message;
}

function finish(job, state, text, lookalikes = []) {
  show(job, state, text);
  const note = job.row.querySelector("[data-note]");
  lookalikes.forEach(({ name, url }, at) => {
    const link = Object.assign(document.createElement("a"), { href: url, textContent: name });
    note.append(at ? ", " : ` · ${texts.looksLike} `, link);
  });
  sendNext();
}

// One row: what it says, which mark and which buttons go with its state.
function show(job, state, text) {
  const { row, file } = job;
  job.state = state;
  const moving = ["waiting", "sending", "checking"].includes(state);
  const badge = state === "lost" ? "refused" : state;
  row.classList.toggle("is-error", badge === "refused");
  row.querySelector("[data-note]").textContent = text;
  const bar = row.querySelector("progress");
  bar.hidden = !moving;
  bar.setAttribute("aria-label", file.name);
  if (state === "checking") bar.removeAttribute("value");
  else bar.value = 0;
  row.querySelector("[data-percent]").hidden = !moving;
  row.querySelector("[data-percent]").textContent = "";
  for (const each of row.querySelectorAll("[data-badge]")) each.hidden = each.dataset.badge !== badge;
  for (const each of row.querySelectorAll("[data-shown-when]")) {
    each.hidden = !each.dataset.shownWhen.split(" ").includes(state);
  }
  const close = row.querySelector("[data-action=dismiss]");
  close.setAttribute("aria-label", `${moving ? close.dataset.stop : close.dataset.dismiss} ${file.name}`);
  summarize();
}

function summarize() {
  const wrong = count("lost", "stopped", "refused", "duplicate", "unsorted");
  const [added, open] = [count("added"), busy()];
  const text = statusLine.dataset.template.replace("{added}", added).replace("{open}", open);
  statusLine.textContent = text.replace("{wrong}", wrong);
  footer.querySelector("[data-show-added]").hidden = !added || open > 0;
  footer.querySelector("[data-retry-all]").hidden = count("lost", "stopped") < 2 || open > 0;
}

function dismiss(job) {
  if (["sending", "checking"].includes(job.state)) return job.xhr.abort();
  if (job.state === "waiting") return finish(job, "stopped", texts.stopped);
  const beside = job.row.nextElementSibling ?? job.row.previousElementSibling;
  rows.delete(job.row);
  job.row.remove();
  list.hidden = footer.hidden = !rows.size;
  (beside?.querySelector("[data-action=dismiss]") ?? form.querySelector("[name=photos]")).focus();
  summarize();
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-action]");
  if (!button) return;
  const job = rows.get(button.closest("li"));
  if (button.dataset.action === "dismiss") return dismiss(job);
  if (button.dataset.action === "anyway") job.fields.anyway = "1";
  if (button.dataset.action === "slot") job.fields.slot = button.value;
  enqueue(job);
  job.row.querySelector("[data-action=dismiss]").focus();
});
list.addEventListener("change", (event) => {
  const job = rows.get(event.target.closest("li"));
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  Object.assign(job, { file, fields: {} });
  job.row.querySelector(".file-name").textContent = file.name;
  preview(job);
  enqueue(job);
});
footer.querySelector("[data-retry-all]").addEventListener("click", () => {
  for (const job of rows.values()) if (["lost", "stopped"].includes(job.state)) enqueue(job);
});
form.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  for (const file of target.files) add(file);
  target.value = "";
});

let depth = 0;
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
const trackDrag = (by) => {
  depth = by ? Math.max(0, depth + by) : 0;
  form.classList.toggle("is-dragged-over", depth > 0);
};
addEventListener("dragenter", (event) => hasFiles(event) && trackDrag(1));
addEventListener("dragleave", (event) => hasFiles(event) && trackDrag(-1));
addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  trackDrag(0);
  for (const file of event.dataTransfer.files) add(file);
});
addEventListener("beforeunload", (event) => busy() && event.preventDefault());
