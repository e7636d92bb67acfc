import { beforeEach, describe, expect, test } from "vitest";

import { notes } from "../../src/notes.ts";

describe("a full page", () => {
  let all: string[] = [];

  beforeEach(async () => {
    const page = notes();
    page.take("milk");
    await new Promise((resolve) => setTimeout(resolve, 300));
    all = page.all;
  });

  test("has a note", () => {
    expect(all).toHaveLength(1);
  });

  test("begins with milk", () => {
    expect(all[0]).toBe("milk");
  });

  test("has no wine", () => {
    expect(all).not.toContain("wine");
  });
});
