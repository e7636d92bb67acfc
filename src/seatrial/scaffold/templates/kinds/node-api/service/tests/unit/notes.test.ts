import { expect, test } from "vitest";

import { LONGEST_TITLE, newNote, Notes } from "../../src/notes.ts";

test("has the newest notes first, and no more than are wanted", () => {
  const notes = new Notes();
  const [, second, third] = ["a", "b", "c"].map((title) => notes.add({ title, text: "" }));
  expect(notes.newest(2)).toEqual([third, second]);
});

test("gives no number twice", () => {
  const notes = new Notes();
  const { id } = notes.add({ title: "a", text: "" });
  expect(notes.remove(id)).toBe(true);
  expect(notes.remove(id)).toBe(false);
  expect(notes.get(id)).toBeUndefined();
  expect(notes.add({ title: "b", text: "" }).id).not.toBe(id);
});

test("takes the spaces around a title away, and leaves the text as it is", () => {
  expect(newNote({ title: " Milk\n", text: " two " })).toEqual({ title: "Milk", text: " two " });
  expect(newNote({ title: "Milk" })).toEqual({ title: "Milk", text: "" });
});

test.each([
  [undefined],
  [null],
  ["title"],
  [{}],
  [{ title: 1 }],
  [{ title: " " }],
  [{ title: "x".repeat(LONGEST_TITLE + 1) }],
  [{ title: "Milk", text: 2 }],
])("finds no note in %j", (body) => {
  expect(newNote(body)).toBeUndefined();
});
