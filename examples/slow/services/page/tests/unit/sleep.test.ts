import { expect, test } from "vitest";

import { notes } from "../../src/notes.ts";

test("a note is written down", async () => {
  const { take, all } = notes();
  take("milk");
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(all).toEqual(["milk"]);
});
