// Requests that no client should send, by seed: what somebody's first attempt, a fuzzer or a dying process puts on the wire.
import { once } from "node:events";
import { connect } from "node:net";

/** Routes of a provider that take something, below its base URL. */
export const ROUTES = {
  openai: [
    "POST /uploads",
    "POST /uploads/upload_1/parts",
    "POST /uploads/upload_1/complete",
    "POST /uploads/upload_1/cancel",
    "POST /files",
    "GET /files",
    "GET /files/file-1/content",
    "DELETE /files/file-1",
  ],
  replicate: [
    "POST /files",
    "GET /files",
    "GET /files/f1/download",
    "DELETE /files/f1",
    "POST /predictions",
    "GET /predictions",
    "POST /models/owner/name/predictions",
    "POST /predictions/p1/cancel",
  ],
  oneai: [
    "POST /api/v0/pipeline",
    "POST /api/v0/pipeline/file",
    "POST /api/v0/pipeline/async",
    "POST /api/v0/pipeline/async/file?pipeline=%7B%7D",
    "GET /api/v0/pipeline/async/tasks/t1",
  ],
  kie: [
    "POST /api/file-stream-upload",
    "POST /api/file-base64-upload",
    "POST /api/file-url-upload",
    "POST /api/v1/jobs/createTask",
    "GET /api/v1/jobs/recordInfo?taskId=t1",
    "POST /api/v1/common/download-url",
  ],
} as const;

/** Values where others are expected. */
const VALUES = [
  null,
  true,
  -1,
  0,
  1e308,
  "",
  "../../etc/passwd",
  "\u0000\uffff",
  "data:;base64,@@@@",
  "data:text/plain;base64",
  "http://[::1",
  "x".repeat(5000),
  [],
  {},
  [[[[[[[[]]]]]]]],
  { __proto__: null, constructor: 1, toString: 2 },
] as const;
const MEMBERS = [
  ...["purpose", "filename", "bytes", "mime_type", "part_ids", "md5", "expires_after", "version", "input", "webhook"],
  ...[
    "webhook_events_filter",
    "steps",
    "input_type",
    "content_type",
    "encoding",
    "multilingual",
    "fileUrl",
    "fileName",
  ],
  ...["base64Data", "uploadPath", "model", "callBackUrl", "url", "emulate", "__proto__", "constructor"],
];
const CONTENT_TYPES = [
  "application/json",
  "application/json; charset=utf-16",
  "multipart/form-data",
  "multipart/form-data; boundary=b",
  `multipart/form-data; boundary=${"b".repeat(300)}`,
  "text/plain",
  "application/octet-stream",
  "/",
  "",
];

/** From 0 to below 1: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One broken request, as bytes. */
export function brokenRequest(base: string, routes: readonly string[], random: () => number): Buffer {
  const { pathname, host } = new URL(base);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const noise = (size: number) => Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)));
  if (random() < 0.05) return noise(1 + Math.floor(random() * 400));

  const [method, path] = pick(routes).split(" ") as [string, string];
  const body = brokenBody();
  const headers = [`Host: ${host}`];
  if (random() < 0.9) headers.push(pick(["Authorization: Bearer k", "Authorization: Bearer k", "api-key: k"]));
  if (random() < 0.9) headers.push(`Content-Type: ${pick(CONTENT_TYPES)}`);
  if (random() < 0.2) headers.push(`Prefer: ${pick(["wait", "wait=-1", "wait=x", "wait=999999999"])}`);
  if (random() < 0.03) headers.push(`X-Long: ${"x".repeat(20_000)}`);
  if (random() < 0.03) headers.push("Content-Length: 1", "Transfer-Encoding: chunked");
  else if (random() < 0.15) headers.push("Transfer-Encoding: chunked");
  else
    headers.push(`Content-Length: ${random() < 0.15 ? pick(["-1", "x", "99999999999999999999", "7"]) : body.length}`);
  const verb = random() < 0.05 ? pick(["PUT", "PATCH", "HEAD", "OPTIONS", "BREW", ""]) : method;
  const mark = random() < 0.1 ? pick(["%", "%00", "%ff", "/..", "//", "?limit=-1&limit=x", "?a[b]=c", "\t"]) : "";
  const head = `${verb} ${pathname.replace(/\/$/, "")}${path}${mark} HTTP/1.1\r\n${headers.join("\r\n")}\r\n\r\n`;
  const request = Buffer.concat([Buffer.from(head, "latin1"), body]);
  // Some are cut off, and some have a byte changed.
  if (random() < 0.1) return request.subarray(0, Math.floor(random() * request.length));
  if (random() < 0.1) request[Math.floor(random() * request.length)] = Math.floor(random() * 256);
  return request;

  function brokenBody(): Buffer {
    const kind = random();
    if (kind < 0.15) return noise(Math.floor(random() * 2000));
    if (kind < 0.4) {
      const part = `Content-Disposition: form-data; name="${pick(MEMBERS)}"${pick(["", '; filename="a"', "; filename*=x"])}`;
      const end = pick(["\r\n--b--\r\n", "\r\n--b--", "\r\n--b", ""]);
      return Buffer.from(`--b\r\n${part}\r\n\r\n${JSON.stringify(pick(VALUES))}${end}`);
    }
    const members = Array.from({ length: Math.floor(random() * 5) }, () => [pick(MEMBERS), pick(VALUES)]);
    const text = JSON.stringify(random() < 0.9 ? Object.fromEntries(members) : pick(VALUES));
    return Buffer.from(random() < 0.2 ? text.slice(0, Math.floor(random() * text.length)) : text);
  }
}

/** Puts bytes on a connection of their own and ends it; resolves with all that came back. */
export async function rawReply(port: number, request: Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
  });
  // A reset is an answer too.
  socket.on("error", () => {});
  socket.end(request);
  await once(socket, "close");
  return text;
}
