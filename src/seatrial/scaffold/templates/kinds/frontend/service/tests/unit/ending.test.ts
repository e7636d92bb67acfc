import { once } from "node:events";
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";

import { expect, test } from "vitest";

import { enderOf } from "../../src/server/ending.ts";

async function listening() {
  const server = createServer();
  const end = enderOf(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, end, port: (server.address() as AddressInfo).port };
}

test("closes a connection that never asked anything", async () => {
  const { server, end, port } = await listening();
  const accepted = once(server, "connection");
  const spare = connect(port, "127.0.0.1");
  await accepted;
  const closed = once(spare, "close");
  await end();
  await closed;
});

test("answers what was asked, and keeps no connection after that", async () => {
  const { server, end, port } = await listening();
  const agent = new Agent({ keepAlive: true });
  const asked = once(server, "request") as Promise<[IncomingMessage, ServerResponse]>;
  const answer = once(get({ port, host: "127.0.0.1", agent }), "response") as Promise<
    [IncomingMessage]
  >;
  const [, response] = await asked;
  const ended = end();
  response.end("done");
  const [got] = await answer;
  expect((await got.toArray()).join("")).toBe("done");
  await ended;
});
