import { expect, test } from "vitest";

test("words are joined", () => expect(["a", "b"].join(" ")).toBe("a b"));
