import { expect, test } from "vitest";

const url = process.env.TEST_API_URL;
if (!url) throw new Error("TEST_API_URL is not set: start the services with `seatrial test`");

test("serves the page and its script", async () => {
  const page = await fetch(`${url}/`);
  expect(page.headers.get("content-type")).toContain("text/html");
  const script = /src="([^"]+)"/.exec(await page.text())?.[1];
  const answer = await fetch(`${url}${script}`);
  expect(answer.headers.get("content-type")).toContain("javascript");
  expect(await answer.text()).toContain("/products");
});

test("hands the products on", async () => {
  const answer = await fetch(`${url}/api/products`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject([{ sku: "mug", price_cents: 1250 }]);
});

test("hands an order on, body and status", async () => {
  const order = { sku: "mug", quantity: 2 };
  const answer = await fetch(`${url}/api/orders`, { method: "POST", body: JSON.stringify(order) });
  expect(answer.status).toBe(202);
  expect(await answer.json()).toEqual({ id: "1", asked: order });
});

test.each([
  ["/api/products/unknown", 404],
  ["/api/products/hang-up", 502],
  ["/api/secrets", 404],
])("answers %s with %i", async (path, status) => {
  const answer = await fetch(`${url}${path}`);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toHaveProperty("detail");
});
