import { expect, test, vi } from "vitest";

import { routes } from "../../src/app.ts";
import { type Note, Notes } from "../../src/notes.ts";

function post(body: string): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body };
}

test("is healthy", async () => {
  const answer = await routes(new Notes()).request("/health");
  expect(await answer.json()).toEqual({ status: "ok" });
});

test("makes a note, has it, and removes it", async () => {
  const app = routes(new Notes());
  const made = await app.request("/notes", post('{"title": "Milk"}'));
  expect(made.status).toBe(201);
  const note = (await made.json()) as Note;
  expect(note).toMatchObject({ title: "Milk", text: "" });
  const path = `/notes/${note.id}`;
  expect(await (await app.request("/notes")).json()).toEqual([note]);
  expect(await (await app.request(path)).json()).toEqual(note);
  expect((await app.request(path, { method: "DELETE" })).status).toBe(204);
  expect((await app.request(path, { method: "DELETE" })).status).toBe(404);
});

test.each(["", "{", "{}", '{"title": ""}'])("refuses %j as a note", async (body) => {
  const answer = await routes(new Notes()).request("/notes", post(body));
  expect(answer.status).toBe(422);
  expect(await answer.json()).toHaveProperty("detail");
});

test.each(["0", "101", "few"])("refuses to list %s notes", async (limit) => {
  expect((await routes(new Notes()).request(`/notes?limit=${limit}`)).status).toBe(422);
});

test.each(["/notes/7", "/notes/seven", "/unknown"])("has nothing at %s", async (path) => {
  const answer = await routes(new Notes()).request(path);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ detail: "there is nothing here" });
});

test("does not tell the world what went wrong", async () => {
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  const notes = new Notes();
  vi.spyOn(notes, "newest").mockImplementation(() => {
    throw new Error("a secret");
  });
  const answer = await routes(notes).request("/notes");
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("secret");
  expect(told).toHaveBeenCalledOnce();
});
