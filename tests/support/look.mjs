// Looks at a page in Chromium, at two widths and in both schemes, and uses it with the keyboard.
// node look.mjs PAGE: prints one JSON object. playwright-core and axe-core lie beside this file.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];
const address = pathToFileURL(process.argv[2]).href;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ARGUMENTS });

async function look(width, colorScheme, use) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  const page = await context.newPage();
  const told = [], asked = [];
  page.on("console", (message) => told.push(message.text()));
  page.on("pageerror", (error) => told.push(String(error)));
  page.on("dialog", (dialog) => { told.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(address);
  const seen = await use(page);
  await context.close();
  return { width, colorScheme, told, asked: asked.filter((url) => url !== address), ...seen };
}

async function judged(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((d) => { d.open = true; }));
  const shape = await page.evaluate(() => ({
    overflow: document.documentElement.scrollWidth - window.innerWidth,
    paper: getComputedStyle(document.body).backgroundColor,
  }));
  // Not as an element: the page's policy lets no script in.
  await page.evaluate(AXE);
  const axe = await page.evaluate(() => window.axe.run());
  const violations = axe.violations.map((one) => `${one.id}: ${one.nodes[0].html}`);
  return { ...shape, violations, passes: axe.passes.length };
}

async function used(page) {
  const focused = () => page.evaluate(() => {
    const one = document.activeElement;
    return { text: one.textContent.trim(), id: one.id, outline: getComputedStyle(one).outlineStyle };
  });
  const rows = () => page.locator("[data-row]:visible").count();
  await page.keyboard.press("Tab");
  const first = await focused();
  await page.keyboard.press("/");
  const filter = await focused();
  const all = await rows();
  await page.keyboard.type("alert(1)");
  const sifted = await rows();
  await page.keyboard.press("Escape");
  const again = await rows();
  const opened = () => page.locator(".trouble details[open]").count();
  await page.locator(".trouble summary").first().focus();
  await page.keyboard.press("Enter");
  const byKey = await opened();
  await page.locator("#unfold").press("Enter");
  const byButton = await opened();
  const logs = await page.locator(".trouble pre:visible").allTextContents();
  return { first, filter, all, sifted, again, byKey, byButton, logs };
}

const looks = [];
for (const width of [1200, 375]) {
  for (const scheme of ["light", "dark"]) looks.push(await look(width, scheme, judged));
}
const use = await look(375, "light", used);
await browser.close();
console.log(JSON.stringify({ looks, use }));
