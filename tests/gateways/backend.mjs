// The service behind the gateways: it answers every request with what it saw of it, and remembers it.

import { createServer } from "node:http";

/** Starts the service. The result has its `port`, `seen`: what came so far, and `stop()`. */
export async function openBackend() {
  const seen = [];
  // It takes what a careless service would take, so that nothing is turned away here that the gateway let pass.
  const server = createServer({ insecureHTTPParser: true, maxHeaderSize: 256 * 1024 }, async (request, response) => {
    const sight = { method: request.method, target: request.url, headers: request.rawHeaders, bytes: 0 };
    seen.push(sight);
    for await (const chunk of request) sight.bytes += chunk.length;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(sight));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: server.address().port, seen, stop };
}

/** The values under a header's name, in a list of names and values. */
export function values(headers, name) {
  return headers.filter((_, at) => at % 2 === 1 && headers[at - 1].toLowerCase() === name.toLowerCase());
}
