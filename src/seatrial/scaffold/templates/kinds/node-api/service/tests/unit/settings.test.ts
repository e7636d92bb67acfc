import { expect, test } from "vitest";

import { settingsFrom } from "../../src/settings.ts";

test("needs no setting", () => {
  expect(settingsFrom({})).toEqual({ host: "127.0.0.1", port: 8000 });
});

test("names a port that is none", () => {
  expect(() => settingsFrom({ PORT: "http" })).toThrow("PORT is not a number: http");
});
