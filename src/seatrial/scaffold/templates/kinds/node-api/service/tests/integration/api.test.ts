import { expect, test } from "vitest";

const url = process.env.TEST_API_URL;
if (!url) throw new Error("TEST_API_URL is not set: start the tests with `make test-service`");

function post(body: object): Promise<Response> {
  return fetch(`${url}/notes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

test("is healthy", async () => {
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("lists a note that was made", async () => {
  const made = await post({ title: "Milk", text: "two litres" });
  expect(made.status).toBe(201);
  const listed = await fetch(`${url}/notes`);
  expect(await listed.json()).toContainEqual(await made.json());
});

test("refuses a note without a title", async () => {
  expect((await post({})).status).toBe(422);
});

test("refuses a body that is too long", async () => {
  expect((await post({ title: "Long", text: "x".repeat(100_000) })).status).toBe(413);
});
