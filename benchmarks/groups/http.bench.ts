import { openAsBlob } from "node:fs";
import { bytesBody, createClient, jsonBody, multipartBody } from "@sluice/http";
import { file } from "@sluice/source/node";
import { type PartTarget, upload } from "@sluice/uploader";
import type { Case, Contender, Group } from "../harness/case.ts";
import { GiB } from "../harness/size.ts";
import { AHEAD, curl } from "./transfer/curl.ts";
import { CONNECTIONS, inParts, PART } from "./transfer/in-parts.ts";

const PARTS = "/v1/uploads/upload_1/parts";

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

/** The best that Node's fetch can do: redirects refused, or it keeps the whole body; a Blob, so that it has a length. */
const fetchBlob: Contender = {
  name: "fetch, Blob",
  async run({ file: path, server }) {
    const body = await openAsBlob(path);
    const reply = await fetch(`${server}/file`, { method: "PUT", body, redirect: "error" });
    return (await reply.json()) as Received;
  },
};

const parts: Contender = {
  name: "@sluice/http",
  async run({ file: path, server, bytes }) {
    await using source = file(path);
    await using client = createClient({ baseUrl: server });
    const target: PartTarget<string, null, Received> = {
      name: "forms",
      limits: { preferredPartSize: PART },
      repeat: "harmless",
      create: async () => "upload_1",
      async put(_session, { body: data }, { signal, sent }) {
        const body = multipartBody({ data });
        await (await client.request("POST", PARTS, { body, idempotent: true, signal, onSent: sent })).json();
        return null;
      },
      complete: async () => ({ bytes }),
      async cancel() {},
    };
    return await upload(source, target, { concurrency: CONNECTIONS });
  },
};

const fetchParts: Contender = {
  name: "fetch, FormData of Blobs",
  async run({ file: path, server, bytes }) {
    const blob = await openAsBlob(path);
    await inParts(bytes, async (start, end) => {
      const body = new FormData();
      body.append("data", new File([blob.slice(start, end)], "stamped"));
      const reply = await fetch(`${server}${PARTS}`, { method: "POST", body, redirect: "error" });
      await reply.json();
    });
    return { bytes };
  },
};

const base64: Contender = {
  name: "jsonBody",
  async run({ file: path, server }) {
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
    {
      ...shared,
      name: "one request, beside curl",
      goal: { time: 1.25, cpu: 1.6 },
      limitedBy: AHEAD,
      subject: whole,
      peer: curl,
    },
    {
      ...shared,
      name: "one request, beside fetch",
      bytes: GiB,
      headline: true,
      goal: { time: 0.4 },
      subject: whole,
      peer: fetchBlob,
    },
    {
      ...shared,
      name: "parts of 64 MiB over 4 connections",
      bytes: GiB,
      goal: { time: 0.4 },
      bars: { peak: 115e6 },
      guarded: true,
      subject: parts,
      peer: fetchParts,
    },
    { ...shared, name: "as base64 in JSON", note: "constant memory", rounds: 3, subject: base64 },
  ],
};
