/** What the service is told by its environment. */

export interface Settings {
  host: string;
  port: number;
}

export function settingsFrom(env: Record<string, string | undefined>): Settings {
  const port = Number(env.PORT ?? "8000");
  if (!Number.isInteger(port)) throw new Error(`PORT is not a number: ${env.PORT}`);
  return { host: env.HOST ?? "127.0.0.1", port };
}
