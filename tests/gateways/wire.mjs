// Bytes on connections: a client that sends exactly what a test wants, and a tap between two servers that can be cut.

import { connect, createServer } from "node:net";

/** How long an answer may take, in milliseconds. */
const PATIENCE = 20_000;

/** The text of a request. `headers` are pairs; a body gets its length, what trails does not. */
export function request(target, options = {}) {
  const { method = "GET", token, headers = [], body = "", trailer = "", version = "1.1", host = HOST } = options;
  const lines = [`${method} ${target} HTTP/${version}`, `Host: ${host}`];
  if (token) lines.push(`Authorization: Bearer ${token.secret}`);
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  if (body) lines.push(`Content-Length: ${body.length}`);
  return `${lines.join("\r\n")}\r\n\r\n${body}${trailer}`;
}

/** The name under which the gateways serve. */
export const HOST = "api.hosting.example";

/** The address that the tests' clients come from; none of the servers has it. */
export const CLIENT = "127.0.0.2";

/** The body that a text begins with, and how many characters of the text it takes; undefined if it is not whole. */
function bodyOf(head, text, isHead, ended) {
  if (isHead || head.status === 204 || head.status === 304 || head.status < 200) return { body: "", length: 0 };
  if (/chunked/i.test(head.values("transfer-encoding").join())) {
    let [body, at] = ["", 0];
    for (;;) {
      const line = text.indexOf("\r\n", at);
      if (line < 0) return undefined;
      const size = Number.parseInt(text.slice(at, line), 16);
      if (text.length < line + 4 + size) return undefined;
      if (size === 0) return { body, length: line + 4 };
      body += text.slice(line + 2, line + 2 + size);
      at = line + 4 + size;
    }
  }
  const [length] = head.values("content-length");
  if (length === undefined) return ended ? { body: text, length: text.length } : undefined;
  return text.length < Number(length) ? undefined : { body: text.slice(0, Number(length)), length: Number(length) };
}

/** The answer that a text begins with, without those that announce another; undefined if it is not whole. */
function parse(text, isHead, ended) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first, ...lines] = text.slice(0, end).split("\r\n");
  const headers = lines.flatMap((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]);
  const status = Number(first.split(" ")[1]);
  const values = (name) => headers.filter((_, at) => at % 2 === 1 && headers[at - 1].toLowerCase() === name);
  const rest = text.slice(end + 4);
  if (status < 200) return parse(rest, isHead, ended);
  const found = bodyOf({ status, values }, rest, isHead, ended);
  const json = () => JSON.parse(found.body);
  return found && { status, headers, values, body: found.body, json, length: text.length - rest.length + found.length };
}

/** Opens a connection. `send(text)` writes a request and waits for its answer; `close()` ends it. */
export async function open(port, from = CLIENT) {
  const socket = connect({ port, host: "127.0.0.1", localAddress: from }).setEncoding("latin1");
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  let [text, ended, look] = ["", false, () => {}];
  socket.on("data", (more) => {
    text += more;
    look();
  });
  const end = () => {
    ended = true;
    look();
  };
  socket.on("end", end).on("close", end).on("error", end);
  const send = (sent) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${sent.slice(0, 200)}: ${text}`)), PATIENCE);
      look = () => {
        const answer = parse(text, sent.startsWith("HEAD "), ended);
        if (!answer && !ended) return;
        clearTimeout(timer);
        look = () => {};
        if (answer) text = text.slice(answer.length);
        // A connection that is closed without an answer is a refusal too.
        resolve(answer ?? { status: 0, headers: [], values: () => [], body: text });
      };
      socket.write(sent, "latin1");
      look();
    });
  return { send, close: () => socket.destroy() };
}

/** One request on a connection of its own. */
export async function ask(port, target, options = {}) {
  return exchange(port, request(target, options), options.from);
}

/** One request, as the bytes that it is, on a connection of its own. */
export async function exchange(port, text, from) {
  const connection = await open(port, from);
  try {
    return await connection.send(text);
  } finally {
    connection.close();
  }
}

/**
 * A tap on the way to a port. `sent` is what went through it towards the port; `set("open" | "closed" | "silent")`
 * lets connections through, resets them, or takes what comes and answers nothing.
 */
export async function openTap(target) {
  let state = "open";
  const sockets = new Set();
  const tap = { sent: "" };
  const hold = (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((near) => {
    hold(near);
    if (state === "closed") {
      near.resetAndDestroy();
      return;
    }
    const far = hold(connect(target, "127.0.0.1"));
    near.on("data", (bytes) => {
      tap.sent += bytes.toString("latin1");
      if (state === "open") far.write(bytes);
    });
    far.on("data", (bytes) => state === "open" && near.write(bytes));
    near.on("close", () => far.destroy());
    far.on("close", () => state !== "silent" && near.destroy());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  tap.port = server.address().port;
  tap.set = (next) => {
    state = next;
    if (state === "closed") for (const socket of sockets) socket.destroy();
  };
  tap.stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return tap;
}
