/** The routes of the server that stands before the API: the browser needs no other address. */

import { Hono } from "hono";
import { proxy } from "hono/proxy";

import type { Settings } from "./settings.ts";

const API_TIMEOUT = 10_000;
// They concern the browser's connection to this server alone.
const OWN_HEADERS = ["connection", "host", "keep-alive", "transfer-encoding", "upgrade"];

export function routes({ apiUrl }: Pick<Settings, "apiUrl">): Hono {
  const app = new Hono();
  app.get("/health", (c) => c.json({ status: "ok" }));
  app.all("/api/*", async (c) => {
    if (!apiUrl) return c.json({ detail: "there is no API: API_URL is not set" }, 503);
    const { pathname, search } = new URL(c.req.url);
    try {
      return await passOn(c.req.raw, apiUrl + pathname.replace(/^\/api/, "") + search);
    } catch (error) {
      console.error(error);
      return c.json({ detail: "the API cannot be reached" }, 502);
    }
  });
  return app;
}

function passOn(request: Request, target: string): Promise<Response> {
  const headers = new Headers(request.headers);
  for (const name of OWN_HEADERS) headers.delete(name);
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(API_TIMEOUT)]);
  return proxy(target, { raw: request, headers, signal, redirect: "manual" });
}
