/** The page itself: the products, a button for each, and what became of the order. */

import { follow } from "./follow.ts";
import { money, orderText, stockText, type Order, type Product } from "./text.ts";

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await fetch(`/api${path}`, init);
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail ?? response.statusText);
  return body as T;
}

function say(text: string): void {
  const message = document.querySelector("#message");
  if (message) message.textContent = text;
}

async function buy(sku: string): Promise<void> {
  try {
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ sku, quantity: 1 });
    const placed = await call<Order>("/orders", { method: "POST", headers, body });
    say(orderText(placed));
    say(orderText(await follow(() => call<Order>(`/orders/${placed.id}`))));
    await show();
  } catch (error) {
    say(`Sorry: ${error instanceof Error ? error.message : error}.`);
  }
}

function row(product: Product): HTMLElement {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const price = money(product.price_cents, product.currency);
  item.textContent = `${product.name}, ${price}, ${stockText(product.stock)} `;
  button.textContent = "Buy";
  button.disabled = product.stock === 0;
  button.addEventListener("click", () => void buy(product.sku));
  item.append(button);
  return item;
}

async function show(): Promise<void> {
  const products = await call<Product[]>("/products");
  document.querySelector("#products")?.replaceChildren(...products.map(row));
}

show().catch(() => say("The shop is closed for the moment."));
