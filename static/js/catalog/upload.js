// Uploads: the whole page takes drops, each file has a row of its own, at most two are on their way.
// A file stays with its row, so that what failed is tried again without choosing it again.
const AT_ONCE = 2;
const MB = 1e6;
const drop = document.querySelector("[data-drop]");
const list = document.querySelector("[data-files]");
const sample = document.querySelector("[data-file-row]");
const after = document.querySelector("[data-after]");
const said = after.querySelector("[data-say]");
const words = list.dataset;
const rows = new Map();

const count = (...states) => [...rows.values()].filter((job) => states.includes(job.state)).length;
const busy = () => count("waiting", "sending", "checking");

function add(file) {
  const row = sample.content.firstElementChild.cloneNode(true);
  row.querySelector(".fname").textContent = file.name;
  list.append(row);
  list.hidden = after.hidden = false;
  const job = { file, row, form: {} };
  rows.set(row, job);
  preview(job);
  wait(job);
}

// A canvas, not a blob: address, so that the policy for images can stay at 'self'.
async function preview({ file, row }) {
  try {
    const bitmap = await createImageBitmap(file, { resizeWidth: 72 });
    const canvas = Object.assign(document.createElement("canvas"), { width: 72, height: 96 });
    canvas.getContext("2d").drawImage(bitmap, 0, (96 - bitmap.height) / 2);
    row.querySelector(".blank, canvas").replaceWith(canvas);
  } catch {
    // No picture that a browser knows: the server says what it is.
  }
}

function wait(job) {
  show(job, "waiting", words.waiting);
  next();
}

function next() {
  for (const job of rows.values()) {
    if (count("sending", "checking") >= AT_ONCE) return;
    if (job.state === "waiting") send(job);
  }
}

function send(job) {
  const data = new FormData(drop);
  data.delete("anyway");
  data.set("photos", job.file);
  for (const [name, value] of Object.entries(job.form)) data.set(name, value);
  job.xhr = new XMLHttpRequest();
  job.xhr.open("POST", drop.action);
  job.xhr.setRequestHeader("Accept", "application/json");
  job.xhr.responseType = "json";
  job.xhr.upload.onprogress = (event) => progress(job, event);
  job.xhr.onload = () => answer(job);
  job.xhr.onerror = () => end(job, "lost", words.lost);
  job.xhr.onabort = () => rows.has(job.row) && end(job, "stopped", words.stopped);
  progress(job, { loaded: 0, total: job.file.size });
  job.xhr.send(data);
}

function progress(job, { loaded, total }) {
  const share = total ? Math.floor((100 * loaded) / total) : 0;
  const [sent, size] = [loaded, total].map((n) => (n / MB).toFixed(1));
  if (share >= 100) return show(job, "checking", words.checking);
  show(job, "sending", words.sending.replace("{sent}", sent).replace("{size}", size));
  job.row.querySelector("progress").value = share;
  job.row.querySelector("[data-share]").textContent = `${share}%`;
}

function answer(job) {
  const { status, response, responseURL } = job.xhr;
  if (status === 403 || new URL(responseURL).pathname !== new URL(drop.action).pathname) {
    return end(job, "lost", words.signedOut);
  }
  const told = status === 200 && response?.files?.[0];
  if (!told) return end(job, "lost", words.broken);
  const link = job.row.querySelector("a");
  if (told.asset) link.href = told.asset.url;
  end(job, told.outcome, told.outcome === "added" ? about(told) : told.message, told.alike);
}

function about({ asset, message }) {
  return [asset.about, asset.finding].filter(Boolean).join(", ") || message;
}

function end(job, state, text, alike = []) {
  show(job, state, text);
  const note = job.row.querySelector("[data-note]");
  alike.forEach(({ name, url }, at) => {
    const link = Object.assign(document.createElement("a"), { href: url, textContent: name });
    note.append(at ? ", " : ` · ${words.alike} `, link);
  });
  next();
}

// One row: what it says, which mark and which buttons go with its state.
function show(job, state, text) {
  const { row, file } = job;
  job.state = state;
  const moving = ["waiting", "sending", "checking"].includes(state);
  const mark = state === "lost" ? "refused" : state;
  row.classList.toggle("is-error", mark === "refused");
  row.querySelector("[data-note]").textContent = text;
  const bar = row.querySelector("progress");
  bar.hidden = !moving;
  bar.setAttribute("aria-label", file.name);
  if (state === "checking") bar.removeAttribute("value");
  else bar.value = 0;
  row.querySelector("[data-share]").hidden = !moving;
  row.querySelector("[data-share]").textContent = "";
  for (const each of row.querySelectorAll("[data-mark]")) each.hidden = each.dataset.mark !== mark;
  for (const each of row.querySelectorAll("[data-for]")) {
    each.hidden = !each.dataset.for.split(" ").includes(state);
  }
  const leave = row.querySelector("[data-do=leave]");
  leave.setAttribute("aria-label", `${moving ? leave.dataset.stop : leave.dataset.dismiss} ${file.name}`);
  summary();
}

function summary() {
  const wrong = count("lost", "stopped", "refused", "duplicate", "unsorted");
  const [added, open] = [count("added"), busy()];
  const text = said.dataset.words.replace("{added}", added).replace("{open}", open);
  said.textContent = text.replace("{wrong}", wrong);
  after.querySelector("[data-show]").hidden = !added || open > 0;
  after.querySelector("[data-again-all]").hidden = count("lost", "stopped") < 2 || open > 0;
}

function leave(job) {
  if (["sending", "checking"].includes(job.state)) return job.xhr.abort();
  if (job.state === "waiting") return end(job, "stopped", words.stopped);
  const beside = job.row.nextElementSibling ?? job.row.previousElementSibling;
  rows.delete(job.row);
  job.row.remove();
  list.hidden = after.hidden = !rows.size;
  (beside?.querySelector("[data-do=leave]") ?? drop.querySelector("[name=photos]")).focus();
  summary();
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do]");
  if (!button) return;
  const job = rows.get(button.closest("li"));
  if (button.dataset.do === "leave") return leave(job);
  if (button.dataset.do === "anyway") job.form.anyway = "1";
  if (button.dataset.do === "slot") job.form.slot = button.value;
  wait(job);
  job.row.querySelector("[data-do=leave]").focus();
});
list.addEventListener("change", (event) => {
  const job = rows.get(event.target.closest("li"));
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  Object.assign(job, { file, form: {} });
  job.row.querySelector(".fname").textContent = file.name;
  preview(job);
  wait(job);
});
after.querySelector("[data-again-all]").addEventListener("click", () => {
  for (const job of rows.values()) if (["lost", "stopped"].includes(job.state)) wait(job);
});
drop.addEventListener("change", ({ target }) => {
  if (target.type !== "file") return;
  for (const file of target.files) add(file);
  target.value = "";
});

let depth = 0;
const carries = (event) => event.dataTransfer?.types.includes("Files");
const over = (by) => {
  depth = by ? Math.max(0, depth + by) : 0;
  drop.classList.toggle("over", depth > 0);
};
addEventListener("dragenter", (event) => carries(event) && over(1));
addEventListener("dragleave", (event) => carries(event) && over(-1));
addEventListener("dragover", (event) => carries(event) && event.preventDefault());
addEventListener("drop", (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  over(0);
  for (const file of event.dataTransfer.files) add(file);
});
addEventListener("beforeunload", (event) => busy() && event.preventDefault());
