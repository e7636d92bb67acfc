// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { Page } from "../../src/page/Page.tsx";

function server(answer: (path: string, init?: RequestInit) => Response) {
  const stub = vi.fn(async (path: string, init?: RequestInit) => answer(path, init));
  vi.stubGlobal("fetch", stub);
  return stub;
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

test("lists the notes", async () => {
  const asked = server(() => Response.json([{ id: 1, title: "buy milk" }]));
  render(<Page />);
  expect((await screen.findByRole("listitem")).textContent).toBe("buy milk");
  expect(asked).toHaveBeenCalledWith("/api/notes", undefined);
});

test("adds a note and empties the field", async () => {
  server((_, init) =>
    init
      ? Response.json({ id: 1, ...JSON.parse(String(init.body)) }, { status: 201 })
      : Response.json([]),
  );
  render(<Page />);
  const field = screen.getByLabelText<HTMLInputElement>("New note");
  fireEvent.change(field, { target: { value: "call home" } });
  fireEvent.click(screen.getByRole("button"));
  expect((await screen.findByRole("listitem")).textContent).toBe("call home");
  expect(field.value).toBe("");
});

test("says why there are no notes", async () => {
  server(() => Response.json({ detail: "the API cannot be reached" }, { status: 502 }));
  render(<Page />);
  expect((await screen.findByRole("alert")).textContent).toBe("the API cannot be reached");
});
