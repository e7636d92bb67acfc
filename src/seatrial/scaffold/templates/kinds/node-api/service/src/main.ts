/** Starts the service, and ends it when it is told to: what is being answered is answered. */

import { createServer } from "node:http";

import { getRequestListener } from "@hono/node-server";

import { routes } from "./app.ts";
import { enderOf } from "./ending.ts";
import { Notes } from "./notes.ts";
import { settingsFrom } from "./settings.ts";

const settings = settingsFrom(process.env);
const app = routes(new Notes());

const server = createServer(getRequestListener(app.fetch));
const end = enderOf(server);
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void end().then(() => process.exit(0)));
}

server.listen(settings.port, settings.host, () =>
  console.log(`@{service}: listening on ${settings.host}:${settings.port}`),
);
