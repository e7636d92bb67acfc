// Stands in for the catalogue and the orders, and tells what it was asked.
import { createServer } from "node:http";

const MUG = { sku: "mug", name: "Mug", price_cents: 1250, currency: "EUR", stock: 3 };

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();

  if (request.url === "/health") return reply(response, 200, { status: "ok" });
  if (request.url === "/products") return reply(response, 200, [MUG]);
  if (request.url === "/products/hang-up") return request.socket.destroy();
  if (request.url === "/orders") return reply(response, 202, { id: "1", asked: JSON.parse(body) });
  return reply(response, 404, { detail: `nothing at ${request.url}` });
});

function reply(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

process.on("SIGTERM", () => process.exit(0));
server.listen(Number(process.env.PORT ?? 9000), process.env.HOST ?? "127.0.0.1");
