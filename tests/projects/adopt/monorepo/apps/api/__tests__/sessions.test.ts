import { expect, test } from "vitest";

import { store } from "../src/sessions";

test("a session is kept", async () => expect(await store.ping()).toBe("PONG"));
