import { afterEach, expect, test, vi } from "vitest";

import { routes } from "../../src/server/app.ts";

function apiThatAnswers(answer: () => Promise<Response>) {
  return vi.spyOn(globalThis, "fetch").mockImplementation(answer);
}

afterEach(() => vi.restoreAllMocks());

test("is healthy without an API", async () => {
  const answer = await routes({ apiUrl: undefined }).request("/health");
  expect(await answer.json()).toEqual({ status: "ok" });
});

test("says that it was given no API", async () => {
  const answer = await routes({ apiUrl: undefined }).request("/api/notes");
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ detail: "there is no API: API_URL is not set" });
});

test("passes on path, question, method and body, and not its own host", async () => {
  const api = apiThatAnswers(async () => Response.json({ id: 1 }, { status: 201 }));
  const app = routes({ apiUrl: "http://api:8000" });
  const answer = await app.request("/api/notes?draft=1", {
    method: "POST",
    headers: { host: "page", "x-trace": "7" },
    body: "{}",
  });
  expect(answer.status).toBe(201);
  const sent = api.mock.lastCall?.[0] as Request;
  expect(sent.url).toBe("http://api:8000/notes?draft=1");
  expect(sent.method).toBe("POST");
  expect(await sent.text()).toBe("{}");
  expect(sent.headers.get("x-trace")).toBe("7");
  expect(sent.headers.has("host")).toBe(false);
});

test("answers 502 when the API cannot be reached", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  apiThatAnswers(async () => Promise.reject(new TypeError("fetch failed")));
  const answer = await routes({ apiUrl: "http://api:8000" }).request("/api/notes");
  expect(answer.status).toBe(502);
  expect(await answer.json()).toEqual({ detail: "the API cannot be reached" });
});
