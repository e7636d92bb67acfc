/** The routes. */

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

import { LONGEST_TITLE, newNote, type Notes } from "./notes.ts";

const MOST = 100;

const smallBody = bodyLimit({
  maxSize: 64 * 1024,
  onError: (c) => c.json({ detail: "that is too much" }, 413),
});

export function routes(notes: Notes): Hono {
  const app = new Hono();
  app.get("/health", (c) => c.json({ status: "ok" }));

  app.post("/notes", smallBody, async (c) => {
    const note = newNote(await c.req.json().catch(() => undefined));
    if (!note) return c.json({ detail: `title must have 1 to ${LONGEST_TITLE} characters` }, 422);
    return c.json(notes.add(note), 201);
  });

  app.get("/notes", (c) => {
    const limit = Number(c.req.query("limit") ?? "20");
    const good = Number.isInteger(limit) && limit >= 1 && limit <= MOST;
    if (!good) return c.json({ detail: `limit must be 1 to ${MOST}` }, 422);
    return c.json(notes.newest(limit));
  });

  app.get("/notes/:id{[0-9]+}", (c) => {
    const note = notes.get(Number(c.req.param("id")));
    return note ? c.json(note) : c.notFound();
  });

  app.delete("/notes/:id{[0-9]+}", (c) =>
    notes.remove(Number(c.req.param("id"))) ? c.body(null, 204) : c.notFound(),
  );

  app.notFound((c) => c.json({ detail: "there is nothing here" }, 404));
  app.onError((error, c) => {
    console.error(error);
    return c.json({ detail: "something went wrong here" }, 500);
  });
  return app;
}
