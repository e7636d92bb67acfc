import { expect, test, vi } from "vitest";

test("no note comes", async () => {
  const all: string[] = [];
  const waiting = vi.waitFor(() => expect(all).toEqual(["milk"]), { timeout: 400 });
  await expect(waiting).rejects.toThrow();
});
