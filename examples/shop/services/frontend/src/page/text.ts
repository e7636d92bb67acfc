/** What the page says, apart from where it says it. */

export interface Product {
  sku: string;
  name: string;
  price_cents: number;
  currency: string;
  stock: number;
}

export interface Order {
  id: string;
  status: "queued" | "settled" | "rejected" | "failed";
  total_cents: number;
  currency: string;
  reason: string | null;
}

export function money(cents: number, currency: string, locale = "en-GB"): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(cents / 100);
}

export function stockText(stock: number): string {
  if (stock === 0) return "sold out";
  return stock <= 5 ? `only ${stock} left` : "in stock";
}

export function orderText(order: Order): string {
  switch (order.status) {
    case "queued":
      return "Your order is on its way to us…";
    case "settled":
      return `Thank you! ${money(order.total_cents, order.currency)} well spent.`;
    case "rejected":
      return `Sorry: ${order.reason ?? "we cannot deliver that"}.`;
    case "failed":
      return "Sorry, something is wrong on our side. Nothing was charged.";
  }
}
