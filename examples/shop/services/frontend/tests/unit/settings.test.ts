import { expect, test } from "vitest";

import { settingsFrom } from "../../src/settings.ts";

test("names what the environment lacks", () => {
  expect(() => settingsFrom({ CATALOG_URL: "http://catalog" })).toThrow("set ORDERS_URL");
});
