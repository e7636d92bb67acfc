/** Starts the service, and ends it when it is told to: what is being answered is answered. */

import { serve } from "@hono/node-server";

import { routes } from "./app.ts";
import { Notes } from "./notes.ts";
import { settingsFrom } from "./settings.ts";

const settings = settingsFrom(process.env);
const app = routes(new Notes());

const server = serve({ fetch: app.fetch, hostname: settings.host, port: settings.port }, (at) =>
  console.log(`@{service}: listening on ${at.address}:${at.port}`),
);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => server.close(() => process.exit(0)));
}
