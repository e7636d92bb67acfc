/** The public server: the page, its script, and the way to the services behind it. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { backendFor } from "./routes.ts";
import type { Settings } from "./settings.ts";

export interface Assets {
  html: string;
  script: string;
}

const BODY_LIMIT = 64 * 1024;
const BACKEND_TIMEOUT = 5000;

export function shopServer(settings: Settings, assets: Assets): Server {
  return createServer((request, response) => {
    answer(request, response, settings, assets).catch((error: unknown) => {
      console.error(error);
      sendJson(response, 500, { detail: "something went wrong here" });
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  settings: Settings,
  assets: Assets,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://shop");
  if (url.pathname === "/") return send(response, 200, "text/html; charset=utf-8", assets.html);
  if (url.pathname === "/shop.js") return send(response, 200, "text/javascript", assets.script);
  if (url.pathname === "/health") return sendJson(response, 200, { status: "ok" });

  const method = request.method ?? "GET";
  const backend = url.pathname.startsWith("/api/") && backendFor(method, url, settings);
  if (!backend) return sendJson(response, 404, { detail: "there is nothing here" });

  const body = method === "POST" ? await read(request) : undefined;
  if (body === null) return sendJson(response, 413, { detail: "that is too much" });
  return forward(response, backend, method, body);
}

async function forward(
  response: ServerResponse,
  backend: string,
  method: string,
  body: string | undefined,
): Promise<void> {
  try {
    const headers = { "content-type": "application/json" };
    const signal = AbortSignal.timeout(BACKEND_TIMEOUT);
    const got = await fetch(backend, { method, headers, body, signal });
    send(response, got.status, got.headers.get("content-type") ?? "text/plain", await got.text());
  } catch {
    sendJson(response, 502, { detail: "a service behind this one cannot be reached" });
  }
}

/** The request's body, or null when it is too long. */
async function read(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type }).end(body);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  send(response, status, "application/json", JSON.stringify(body));
}
