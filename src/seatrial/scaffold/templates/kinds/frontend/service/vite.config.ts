import { getRequestListener } from "@hono/node-server";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The server's routes in development too, read anew when their source changes. */
const server: Plugin = {
  name: "server",
  configureServer(vite) {
    vite.middlewares.use(async (request, response, next) => {
      if (!/^\/(api\/|health$)/.test(request.url ?? "")) return next();
      const { development } = await vite.ssrLoadModule("/../server/development.ts");
      await getRequestListener(development.fetch)(request, response);
    });
  },
};

// `vite build` makes both halves: the page, and the server with all that it imports in one file.
export default defineConfig({
  root: "src/page",
  plugins: [react(), server],
  environments: {
    client: { build: { outDir: "../../dist/page", emptyOutDir: true } },
    server: {
      consumer: "server",
      resolve: { noExternal: true },
      build: {
        outDir: "../../dist",
        emptyOutDir: false,
        rolldownOptions: {
          input: "src/server/main.ts",
          output: { entryFileNames: "main.mjs" },
        },
      },
    },
  },
  builder: {},
  server: {
    host: process.env.HOST ?? "127.0.0.1",
    port: Number(process.env.PORT ?? 3000),
    strictPort: true,
    // Other containers call it by its name in the compose file.
    allowedHosts: ["@{service}"],
  },
});
