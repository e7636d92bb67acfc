import { expect, test } from "vitest";

import { title } from "../../src/page.js";

test("a title names somebody", () => {
  expect(title("Ada")).toBe("for Ada");
});
