import { expect, test } from "vitest";

import { LONGEST, Notes, textOf } from "../../src/notes.ts";

test("keeps notes in the order in which they came", () => {
  const notes = new Notes();
  const [first, second] = [notes.add("first"), notes.add("second")];
  expect(notes.all()).toEqual([first, second]);
  expect(notes.get(second.id)).toBe(second);
  expect(notes.get(0)).toBeUndefined();
});

test("takes the spaces around a text away", () => {
  expect(textOf({ text: " buy milk\n" })).toBe("buy milk");
});

test.each([
  [undefined],
  [null],
  ["text"],
  [{}],
  [{ text: 1 }],
  [{ text: " " }],
  [{ text: "x".repeat(LONGEST + 1) }],
])("finds no text in %j", (body) => {
  expect(textOf(body)).toBeUndefined();
});
