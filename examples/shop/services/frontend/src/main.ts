/** Starts the server. The page's script is bundled here, in a few milliseconds: no build step. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { shopServer, type Assets } from "./server.ts";
import { settingsFrom } from "./settings.ts";

const page = fileURLToPath(new URL("./page/", import.meta.url));

async function assets(): Promise<Assets> {
  const [html, bundle] = await Promise.all([
    readFile(`${page}index.html`, "utf8"),
    build({
      entryPoints: [`${page}shop.ts`],
      bundle: true,
      format: "esm",
      minify: true,
      target: "es2022",
      write: false,
    }),
  ]);
  return { html, script: bundle.outputFiles[0]?.text ?? "" };
}

const settings = settingsFrom(process.env);
const server = shopServer(settings, await assets());

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}

server.listen(settings.port, settings.host, () => {
  console.log(`frontend: listening on ${settings.host}:${settings.port}`);
});
