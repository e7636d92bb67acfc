import { expect, test } from "vitest";

import { follow } from "../../src/page/follow.ts";
import type { Order } from "../../src/page/text.ts";

function orderThatIs(status: Order["status"]): Order {
  return { id: "1", status, total_cents: 100, currency: "EUR", reason: null };
}

test("looks until the order is handled, with longer and longer pauses", async () => {
  const states: Order["status"][] = ["queued", "queued", "settled"];
  const pauses: number[] = [];
  const order = await follow(
    async () => orderThatIs(states.shift() ?? "failed"),
    async (milliseconds) => void pauses.push(milliseconds),
  );
  expect(order.status).toBe("settled");
  expect(pauses).toEqual([50, 100]);
});

test("gives up on an order that stays queued", async () => {
  const order = await follow(
    async () => orderThatIs("queued"),
    async () => undefined,
  );
  expect(order.status).toBe("queued");
});
