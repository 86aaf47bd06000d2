import { execFile } from "node:child_process";
import { openAsBlob } from "node:fs";
import { promisify } from "node:util";
import { bytesBody, createClient, jsonBody, multipartBody } from "@sluice/http";
import type { ByteSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import type { Case, Contender, Group, RunContext } from "../harness/case.ts";
import { GiB, MiB } from "../harness/size.ts";

const PART = 64 * MiB;
const CONNECTIONS = 4;

interface Received {
  bytes: number;
}

/** Sends the whole file in one request. */
const whole: Contender = {
  name: "@sluice/http",
  async run({ file: path, server }) {
    await using source = file(path);
    await using client = createClient({ baseUrl: server });
    const reply = await client.request("PUT", "/file", { body: bytesBody(source), idempotent: true });
    return reply.json<Received>();
  },
};

const curl: Contender = {
  name: "curl -T",
  async run({ file: path, server }) {
    const { stdout } = await promisify(execFile)("curl", ["-sS", "-T", path, `${server}/file`]);
    return JSON.parse(stdout) as Received;
  },
};

/** The best that Node's fetch can do: redirects refused, or it keeps the whole body; a Blob, so that it has a length. */
const fetchBlob: Contender = {
  name: "fetch, Blob",
  async run({ file: path, server }) {
    const body = await openAsBlob(path);
    const reply = await fetch(`${server}/file`, { method: "PUT", body, redirect: "error" });
    return (await reply.json()) as Received;
  },
};

/** Runs `send` for every part, four at a time. */
async function inParts(bytes: number, send: (start: number, end: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < bytes) {
        const start = next;
        next = Math.min(start + PART, bytes);
        await send(start, next);
      }
    }),
  );
}

/** A range of a source, as the uploader makes it. */
function range(source: ByteSource, start: number, end: number): ByteSource {
  return {
    size: end - start,
    name: source.name,
    type: source.type,
    replayable: true,
    fingerprint: undefined,
    stream: ({ signal } = {}) => source.stream({ start, end, signal }),
    read: async (into, position, options) => (await source.read?.(into, start + position, options)) ?? 0,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

const parts: Contender = {
  name: "@sluice/http",
  async run({ file: path, server, bytes }) {
    await using source = file(path);
    await using client = createClient({ baseUrl: server });
    await inParts(bytes, async (start, end) => {
      const body = multipartBody({ data: range(source, start, end) });
      await (await client.request("POST", "/v1/uploads/upload_1/parts", { body, idempotent: false })).json();
    });
    return { bytes };
  },
};

const fetchParts: Contender = {
  name: "fetch, FormData of Blobs",
  async run({ file: path, server, bytes }) {
    const blob = await openAsBlob(path);
    await inParts(bytes, async (start, end) => {
      const body = new FormData();
      body.append("data", new File([blob.slice(start, end)], "stamped"));
      const reply = await fetch(`${server}/v1/uploads/upload_1/parts`, { method: "POST", body, redirect: "error" });
      await reply.json();
    });
    return { bytes };
  },
};

const base64: Contender = {
  name: "jsonBody",
  async run({ file: path, server }: RunContext) {
    await using source = file(path);
    await using client = createClient({ baseUrl: server });
    const reply = await client.request("PUT", "/file", { body: jsonBody({ file: source }), idempotent: true });
    return reply.json<Received>();
  },
};

const shared = { mode: "process", bytes: 2 * GiB, file: true, server: true } as const satisfies Partial<Case>;

/** One file to the discarding server over loopback. */
export const group: Group = {
  description: "a file sent over HTTP/1.1: beside curl and Node's fetch, in one request and in parts",
  cases: [
    { ...shared, name: "one request, beside curl", note: "goals: time ≤ 1.25, CPU ≤ 1.6", subject: whole, peer: curl },
    { ...shared, name: "one request, beside fetch", note: "goal: time ≤ 0.4", subject: whole, peer: fetchBlob },
    {
      ...shared,
      name: "parts of 64 MiB over 4 connections",
      note: "goals: time ≤ 0.4, peak RSS ≤ 115 MB",
      subject: parts,
      peer: fetchParts,
    },
    { ...shared, name: "as base64 in JSON", note: "constant memory", rounds: 3, subject: base64 },
  ],
};
