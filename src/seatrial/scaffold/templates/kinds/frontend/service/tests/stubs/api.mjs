// Stands in for the API: keeps notes, and has a way to fail.
import { createServer } from "node:http";

const notes = [{ id: 1, title: "from the stub" }];

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);

  if (request.url === "/health") return reply(response, 200, { status: "ok" });
  if (request.url === "/hang-up") return request.socket.destroy();
  if (request.url === "/notes" && request.method === "GET") return reply(response, 200, notes);
  if (request.url === "/notes" && request.method === "POST") {
    const { title } = JSON.parse(Buffer.concat(chunks).toString());
    const note = { id: notes.length + 1, title };
    notes.unshift(note);
    return reply(response, 201, note);
  }
  return reply(response, 404, { detail: `nothing at ${request.url}` });
});

function reply(response, status, body) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

process.on("SIGTERM", () => process.exit(0));
server.listen(Number(process.env.PORT ?? 9000), process.env.HOST ?? "127.0.0.1");
