import { expect, test } from "vitest";

const url = process.env.TEST_API_URL;
if (!url) throw new Error("TEST_API_URL is not set: start the tests with `make test-service`");

test("serves the page and its script", async () => {
  const page = await fetch(`${url}/`);
  expect(page.headers.get("content-type")).toContain("text/html");
  const script = /src="([^"]+)"/.exec(await page.text())?.[1];
  const answer = await fetch(`${url}${script}`);
  expect(answer.headers.get("content-type")).toContain("javascript");
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(await answer.text()).toContain("/api/notes");
});

test("passes a new note on, and lists it", async () => {
  const added = await fetch(`${url}/api/notes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title: "Milk" }),
  });
  expect(added.status).toBe(201);
  const listed = await fetch(`${url}/api/notes`);
  expect(await listed.json()).toContainEqual(await added.json());
});

test.each([
  ["/api/unknown", 404],
  ["/api/hang-up", 502],
  ["/unknown", 404],
  ["/..%2fmain.mjs", 404],
])("answers %s with %i", async (path, status) => {
  expect((await fetch(`${url}${path}`)).status).toBe(status);
});
