/** Serves the built page and the routes: what runs in tests and in production. */

import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { getRequestListener } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";

import { routes } from "./app.ts";
import { enderOf } from "./ending.ts";
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

const server = createServer(getRequestListener(app.fetch));
const end = enderOf(server);
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => void end().then(() => process.exit(0)));
}

server.listen(settings.port, settings.host, () =>
  console.log(`@{service}: listening on ${settings.host}:${settings.port}`),
);
