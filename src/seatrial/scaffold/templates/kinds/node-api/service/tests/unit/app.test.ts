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

test("makes a note, and has it from then on", async () => {
  const app = routes(new Notes());
  const made = await app.request("/notes", post('{"text": "buy milk"}'));
  expect(made.status).toBe(201);
  const note = (await made.json()) as Note;
  expect(note).toMatchObject({ text: "buy milk" });
  expect(await (await app.request("/notes")).json()).toEqual([note]);
  expect(await (await app.request(`/notes/${note.id}`)).json()).toEqual(note);
});

test.each(["", "{", "{}", '{"text": ""}'])("refuses %j as a note", async (body) => {
  const answer = await routes(new Notes()).request("/notes", post(body));
  expect(answer.status).toBe(422);
  expect(await answer.json()).toHaveProperty("detail");
});

test.each(["/notes/7", "/notes/seven", "/unknown"])("has nothing at %s", async (path) => {
  const answer = await routes(new Notes()).request(path);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toEqual({ detail: "there is nothing here" });
});

test("does not tell the world what went wrong", async () => {
  const told = vi.spyOn(console, "error").mockImplementation(() => {});
  const notes = new Notes();
  vi.spyOn(notes, "all").mockImplementation(() => {
    throw new Error("a secret");
  });
  const answer = await routes(notes).request("/notes");
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain("secret");
  expect(told).toHaveBeenCalledOnce();
});
