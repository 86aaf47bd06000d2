import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { afterEach, expect, test } from "vitest";
import { run, serve } from "../../test-support/servers.ts";
import { bytesBody } from "../bytes-body.ts";
import type { HttpEvent } from "../events.ts";
import { jsonBody } from "../json-body.ts";
import { createClient } from "./create-client.ts";

const KEY = 'sk-planted/0123456789+"quote"';
const PASSWORD = "p@ss planted";
const SIGNATURE = "planted-signature";

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

/** All texts that hang on a value, hidden and inherited members and causes included. */
function textsOf(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value === "string") return [value];
  if (value === null || (typeof value !== "object" && typeof value !== "function") || seen.has(value)) return [];
  seen.add(value);
  const members = Reflect.ownKeys(value).flatMap((name) => {
    const { value: member } = Object.getOwnPropertyDescriptor(value, name) ?? {};
    return [String(name), ...textsOf(member, seen)];
  });
  const entries = value instanceof Headers ? [...value].flat() : [];
  return [...members, ...entries, inspect(value, { depth: 20, showHidden: true })];
}

/** Any form that the key, the password or the signature may take. */
function leaks(texts: readonly string[]): string[] {
  const forms = [KEY, PASSWORD, SIGNATURE].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString("base64"),
    secret.slice(0, 12),
  ]);
  const basic = Buffer.from(`me:${PASSWORD}`).toString("base64");
  return texts.filter((text) => [...forms, basic].some((form) => text.includes(form)));
}

test("no error and no event shows a credential, even where the server echoes it", async () => {
  const echo = await serve(async (request, response) => {
    const { pathname } = new URL(String(request.url), "http://x");
    for await (const _ of request);
    const all = `${request.headers.authorization} ${request.headers["x-api-key"]} ${request.url} ${KEY} ${PASSWORD}`;
    if (pathname === "/cut") {
      response.writeHead(200, { "content-length": 9_999 }).write(all, () => response.destroy());
    } else if (pathname === "/redirect") {
      response.writeHead(307, { location: `/json?signature=${SIGNATURE}` }).end(all);
    } else if (pathname === "/refused") {
      response
        .writeHead(302, { location: `http://x:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/?k=${SIGNATURE}` })
        .end(all);
    } else {
      const ids = { "x-request-id": `id-${SIGNATURE}` };
      response.writeHead(pathname === "/ok" ? 200 : 400, ids);
      if (pathname === "/json" || pathname === "/deep") {
        response.end(JSON.stringify({ error: { message: all, [all]: [all, { all }] } }));
      } else {
        response.end(pathname === "/straddling" ? `${"x".repeat(295)} ${all}` : `<p>${all}</p>`);
      }
    }
  });
  open.push(echo);
  const silent = await run(
    createServer((socket) => socket.resume()),
    "http",
  );
  open.push(silent);
  const dead = await serve(() => {});
  await dead[Symbol.asyncDispose]();

  const seen: HttpEvent[] = [];
  const published: unknown[] = [];
  const listener = (message: unknown): void => void published.push(message);
  subscribe("sluice:http", listener);
  const errors: unknown[] = [];
  try {
    for (const server of [echo, silent, dead]) {
      const base = new URL(server.url);
      base.username = "me";
      base.password = PASSWORD;
      for (const headers of [{ "x-api-key": KEY }, { authorization: `Bearer ${KEY}` }]) {
        const client = createClient({
          baseUrl: base,
          headers,
          onEvent: (event) => seen.push(event),
          retry: { attempts: 2, base: 0 },
          timeouts: { headers: 20 },
        });
        open.push(client);
        errors.push(client);
        for (const path of ["/json", "/deep", "/html", "/straddling", "/cut", "/redirect", "/refused", "/ok"]) {
          if (server !== echo && path !== "/json") continue;
          const request = client.request("POST", path, {
            body: jsonBody({ a: 1 }),
            idempotent: true,
            query: { signature: SIGNATURE },
          });
          const outcome = await request
            .then(async (reply) => {
              return reply.json();
            })
            .catch((error: unknown) => error);
          expect(outcome).toBeInstanceOf(Error);
          errors.push(outcome);
        }
        const large = await client
          .request("POST", "/ok", {
            body: bytesBody(new Uint8Array(3)),
            idempotent: true,
            maxReply: 1,
            query: { signature: SIGNATURE },
          })
          .then((reply) => reply.json())
          .catch((error: unknown) => error);
        errors.push(large);
      }
    }
    const misuse = [
      () => createClient({ baseUrl: `me:${PASSWORD}@host/?k=${SIGNATURE}` }),
      () => createClient({ headers: { "x-api-key": `${KEY}\n` } }),
      () => createClient({ proxy: `nonsense:${PASSWORD}` }),
      () => createClient().request("GET", `/a?k=${SIGNATURE}`, { idempotent: true }),
      () =>
        createClient({ baseUrl: "http://x" }).request("GET", "/", { idempotent: true, headers: { "x-k": `${KEY}\r` } }),
    ];
    for (const misused of misuse) {
      expect(misused).toThrow(TypeError);
      try {
        misused();
      } catch (error) {
        errors.push(error);
      }
    }
  } finally {
    unsubscribe("sluice:http", listener);
  }

  expect(new Set(seen.map(({ type }) => type))).toEqual(new Set(["request", "reply", "failure", "retry", "redirect"]));
  expect(published).toEqual(seen);
  expect(new Set(errors.map((error) => Object(error).code))).toEqual(
    new Set(["http", "bad-reply", "stalled", "too-large", undefined]),
  );
  expect(leaks(textsOf([errors, seen]))).toEqual([]);
});
