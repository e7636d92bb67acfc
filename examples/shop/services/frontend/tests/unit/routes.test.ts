import { expect, test } from "vitest";

import { backendFor } from "../../src/routes.ts";

const backends = { catalogUrl: "http://catalog:8000", ordersUrl: "http://orders:8000" };

function route(method: string, path: string): string | undefined {
  return backendFor(method, new URL(path, "http://shop"), backends);
}

test.each([
  ["GET", "/api/products?currency=USD", "http://catalog:8000/products?currency=USD"],
  ["GET", "/api/products/mug", "http://catalog:8000/products/mug"],
  ["POST", "/api/orders", "http://orders:8000/orders"],
])("%s %s is answered by %s", (method, path, backend) => {
  expect(route(method, path)).toBe(backend);
});

test.each([
  ["POST", "/api/products"],
  ["PUT", "/api/products/mug/reservations/1"],
  ["GET", "/api/products/../health"],
  ["GET", "/api/orders"],
])("%s %s is not for the public", (method, path) => {
  expect(route(method, path)).toBeUndefined();
});
