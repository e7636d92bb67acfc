/** What the server is told by its environment. */

export interface Settings {
  host: string;
  port: number;
  catalogUrl: string;
  ordersUrl: string;
}

export function settingsFrom(env: Record<string, string | undefined>): Settings {
  return {
    host: env.HOST ?? "127.0.0.1",
    port: Number(env.PORT ?? "3000"),
    catalogUrl: needed(env, "CATALOG_URL"),
    ordersUrl: needed(env, "ORDERS_URL"),
  };
}

function needed(env: Record<string, string | undefined>, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`frontend: set ${name} in the environment`);
  return value.replace(/\/+$/, "");
}
