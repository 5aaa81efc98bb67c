// A shopper's whole way through the API, by a client whose types are made of docs/openapi.yaml:
// what does not fit the document does not compile, and what the server does not keep fails here.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./made/api.js";

type Job = components["schemas"]["Job"];
type Problem = components["schemas"]["Problem"];
type Answer<T> = { data?: T; error?: Problem; response: Response };

const { SITE = "", SHOPPER = "", PASSWORD = "", PHOTO = "" } = process.env;

const api = createClient<paths>({ baseUrl: `${SITE}/api/v1` });
// Signing in has addresses of its own, which begin at the site's.
const account = createClient<paths>({ baseUrl: SITE });
const key = () => ({ header: { "Idempotency-Key": randomUUID() } });

/** The body of an answer that has to be a good one. */
async function good<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  assert.equal(error, undefined, `${response.url}: ${error?.code} ${error?.detail}`);
  assert.ok(data !== undefined);
  return data;
}

async function signIn(): Promise<string> {
  const body = { username: SHOPPER, password: PASSWORD };
  const { data } = await account.POST("/_allauth/app/v1/auth/login", { body });
  assert.ok(data?.meta.session_token);
  return data.meta.session_token;
}

async function upload(): Promise<number> {
  const photo = await readFile(PHOTO);
  const body = { content_type: "image/jpeg" as const, size: photo.length };
  const place = await good(api.POST("/uploads", { params: key(), body }));
  const sent = await fetch(place.url, {
    method: place.method,
    headers: { ...(place.headers as Record<string, string>), Authorization: authorization },
    body: photo,
  });
  assert.equal(sent.status, 204);
  const said = { upload: place.id, name: "Me", consent: "tryon" as const };
  const person = await good(api.POST("/persons", { params: key(), body: said }));
  assert.equal(person.own, true);
  return person.id;
}

async function ended(job: Job): Promise<Job> {
  while (job.poll_after_ms !== null) {
    const params = { path: { id: job.id }, query: { wait: 5 } };
    job = await good(api.GET("/jobs/{id}", { params }));
  }
  return job;
}

const token = await signIn();
const authorization = `Bearer ${token}`;
api.use({
  onRequest({ request }) {
    request.headers.set("Authorization", authorization);
    return request;
  },
});

const me = await good(api.GET("/me", {}));
assert.equal(me.username, SHOPPER);
assert.ok(me.is_shopper);
const started = new Date().toISOString();

// Something to wear, and somebody to wear it.
const garments = await good(api.GET("/garments", { params: { query: { slot: "top" } } }));
const top = garments.results[0]?.id ?? 0;
const person = await upload();
const checked = await good(api.POST("/preflight", { body: { person, top } }));
assert.ok(checked.ok, JSON.stringify(checked.findings));

// Ordered twice under one key, it is one job.
const params = key();
const order = { params, body: { person, top } };
const asked = await good(api.POST("/jobs", order));
const again = await api.POST("/jobs", order);
assert.equal(again.response.headers.get("Idempotency-Replayed"), "true");
assert.equal((await good(Promise.resolve(again))).id, asked.id);
const job = await ended(asked);
assert.equal(job.state, "succeeded", JSON.stringify(job.error));

// The image: seen, kept, liked.
const result = job.results[0]?.id ?? 0;
const path = { id: result };
const { image } = await good(api.GET("/results/{id}", { params: { path } }));
const picture = await fetch(image.url);
assert.equal(picture.status, 200);
assert.ok((await picture.arrayBuffer()).byteLength > 1000);
const liked = await api.PUT("/results/{id}/favourite", { params: { path } });
assert.equal(liked.response.status, 204);
const likes = await good(api.GET("/results", { params: { query: { favourite: true } } }));
assert.deepEqual(
  likes.results.map(({ id }) => id),
  [result],
);

// What others made.
const galleries = await good(api.GET("/galleries", {}));
const shown = { path: { id: galleries.results[0]?.id ?? 0 } };
const items = await good(api.GET("/galleries/{id}/items", { params: shown }));
assert.ok(items.results[0]?.image?.url);

// The copy on the phone is brought up to date.
const news = await good(api.GET("/jobs", { params: { query: { updated_since: started } } }));
assert.deepEqual(
  news.results.map(({ id }) => id),
  [job.id],
);
assert.ok(news.synced_at);
const copy = await api.GET("/garments", { params: { query: { slot: "top" } } });
const etag = copy.response.headers.get("ETag") ?? "";
const seen = { header: { "If-None-Match": etag }, query: { slot: "top" as const } };
assert.equal((await api.GET("/garments", { params: seen })).response.status, 304);

// Once more, and then rather not.
const one = { path: { id: job.id } };
const repeated = await good(api.POST("/jobs/{id}/repeat", { params: { ...one, ...key() } }));
assert.equal(repeated.repeats, job.id);
const stopped = await good(api.POST("/jobs/{id}/cancel", { params: { path: { id: repeated.id } } }));
assert.ok(["canceled", "asked_provider", "too_late", "ended"].includes(stopped.outcome));
const refused = await api.POST("/jobs", { params: key(), body: { person: 0, top } });
assert.equal(refused.error?.code, "invalid");
assert.equal(refused.error?.errors?.[0]?.pointer, "/person");

// Gone: the token works no more.
const headers = { "X-Session-Token": token };
await account.DELETE("/_allauth/app/v1/auth/session", { headers });
assert.equal((await api.GET("/me", {})).response.status, 401);
console.log("walked");
