import { describe, expect, it, test } from "vitest";

import { money, orderText, stockText, type Order } from "../../src/page/text.ts";

test.each([
  [0, "EUR", "€0.00"],
  [123456, "EUR", "€1,234.56"],
  [999, "USD", "US$9.99"],
])("%i cents of %s are %s", (cents, currency, text) => {
  expect(money(cents, currency)).toBe(text);
});

test.each([
  [0, "sold out"],
  [5, "only 5 left"],
  [6, "in stock"],
])("a stock of %i is said to be %s", (stock, text) => {
  expect(stockText(stock)).toBe(text);
});

describe("an order", () => {
  const order: Order = {
    id: "1",
    status: "settled",
    total_cents: 2500,
    currency: "EUR",
    reason: null,
  };

  it("says what was paid when it is settled", () => {
    expect(orderText(order)).toContain("€25.00");
  });

  it("says why it was rejected", () => {
    const rejected: Order = { ...order, status: "rejected", reason: "too few of mug are left" };
    expect(orderText(rejected)).toBe("Sorry: too few of mug are left.");
  });
});
