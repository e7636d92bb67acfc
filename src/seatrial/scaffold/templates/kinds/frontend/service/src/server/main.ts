/** Serves the built page and the routes: what runs in tests and in production. */

import { fileURLToPath } from "node:url";

import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";

import { routes } from "./app.ts";
import { settingsFrom } from "./settings.ts";

const page = fileURLToPath(new URL("./page", import.meta.url));
const settings = settingsFrom(process.env);

const app = routes(settings);
app.use("/assets/*", async (c, next) => {
  await next();
  // Their names change with their content.
  if (c.res.ok) c.header("cache-control", "public, max-age=31536000, immutable");
});
app.use(serveStatic({ root: page }));

const server = serve({ fetch: app.fetch, hostname: settings.host, port: settings.port }, (at) =>
  console.log(`@{service}: listening on ${at.address}:${at.port}`),
);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => server.close(() => process.exit(0)));
}
