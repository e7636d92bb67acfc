// Puts the greeting of the build into the page.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const page = readFileSync("src/main.mjs", "utf8").replace("__GREETING__", process.env.GREETING);
mkdirSync("dist", { recursive: true });
writeFileSync("dist/main.mjs", page);
console.log("built with", process.env.GREETING);
