/** How a server ends. */

import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * What ends `server`, which must not listen yet: requests under way are answered, all other
 * connections closed. Node's own `close` waits for those that browsers open in advance, too.
 */
export function enderOf(server: Server): () => Promise<void> {
  const idle = new Set<Socket>();
  let ending = false;
  server.on("connection", (socket) => {
    idle.add(socket);
    socket.once("close", () => idle.delete(socket));
  });
  server.on("request", ({ socket }, response) => {
    idle.delete(socket);
    response.once("close", () => {
      if (ending) socket.end();
      else if (!socket.destroyed) idle.add(socket);
    });
  });
  return () =>
    new Promise((resolve) => {
      ending = true;
      server.close(() => resolve());
      for (const socket of idle) socket.destroy();
    });
}
