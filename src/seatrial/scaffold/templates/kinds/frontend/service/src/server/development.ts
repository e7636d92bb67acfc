/** The routes as vite.config.ts serves them beside the page, until `npm run build` joins them. */

import { routes } from "./app.ts";
import { settingsFrom } from "./settings.ts";

export const development = routes(settingsFrom(process.env));
