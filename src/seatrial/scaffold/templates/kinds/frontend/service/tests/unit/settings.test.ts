import { expect, test } from "vitest";

import { settingsFrom } from "../../src/server/settings.ts";

test("needs no setting", () => {
  expect(settingsFrom({})).toEqual({ host: "127.0.0.1", port: 3000, apiUrl: undefined });
});

test("takes the API's address with or without a slash at its end", () => {
  expect(settingsFrom({ API_URL: "http://api:8000/" }).apiUrl).toBe("http://api:8000");
  expect(settingsFrom({ API_URL: "" }).apiUrl).toBeUndefined();
});

test("names a port that is none", () => {
  expect(() => settingsFrom({ PORT: "http" })).toThrow("PORT is not a number: http");
});
