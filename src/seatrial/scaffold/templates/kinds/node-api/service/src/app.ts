/** The routes. */

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";

import { LONGEST, type Notes, textOf } from "./notes.ts";

const smallBody = bodyLimit({
  maxSize: 64 * 1024,
  onError: (c) => c.json({ detail: "that is too much" }, 413),
});

export function routes(notes: Notes): Hono {
  const app = new Hono();
  app.get("/health", (c) => c.json({ status: "ok" }));

  app.get("/notes", (c) => c.json(notes.all()));

  app.get("/notes/:id{[0-9]+}", (c) => {
    const note = notes.get(Number(c.req.param("id")));
    return note ? c.json(note) : c.notFound();
  });

  app.post("/notes", smallBody, async (c) => {
    const text = textOf(await c.req.json().catch(() => undefined));
    if (!text) return c.json({ detail: `text must have 1 to ${LONGEST} characters` }, 422);
    return c.json(notes.add(text), 201);
  });

  app.notFound((c) => c.json({ detail: "there is nothing here" }, 404));
  app.onError((error, c) => {
    console.error(error);
    return c.json({ detail: "something went wrong here" }, 500);
  });
  return app;
}
