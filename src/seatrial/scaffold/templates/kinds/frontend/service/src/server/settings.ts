/** What the server is told by its environment. */

export interface Settings {
  host: string;
  port: number;
  /** Where the API is; without one the page says that it has none. */
  apiUrl: string | undefined;
}

export function settingsFrom(env: Record<string, string | undefined>): Settings {
  const port = Number(env.PORT ?? "3000");
  if (!Number.isInteger(port)) throw new Error(`PORT is not a number: ${env.PORT}`);
  const apiUrl = env.API_URL?.replace(/\/+$/, "") || undefined;
  return { host: env.HOST ?? "127.0.0.1", port, apiUrl };
}
