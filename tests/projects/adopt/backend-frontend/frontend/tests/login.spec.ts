import { test } from "@playwright/test";

test("a person can log in", async ({ page }) => page.goto("/"));
