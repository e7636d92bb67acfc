/** Which service answers which call. What is not listed here stays private. */

import type { Settings } from "./settings.ts";

type Backends = Pick<Settings, "catalogUrl" | "ordersUrl">;

const ROUTES: { method: string; path: RegExp; backend: keyof Backends }[] = [
  { method: "GET", path: /^\/products(\/[a-z0-9-]+)?$/, backend: "catalogUrl" },
  { method: "POST", path: /^\/orders$/, backend: "ordersUrl" },
  { method: "GET", path: /^\/orders\/[a-z0-9]+$/, backend: "ordersUrl" },
];

/** The address behind `/api/…`, or nothing when the public has no business there. */
export function backendFor(method: string, url: URL, backends: Backends): string | undefined {
  const path = url.pathname.replace(/^\/api/, "");
  const route = ROUTES.find((route) => route.method === method && route.path.test(path));
  return route && backends[route.backend] + path + url.search;
}
