import { bytesSource } from "@sluice/source";
import OpenAI, { toFile } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Recorded, type Recorder, startRecorder } from "../test-support/recorder.ts";
import { type OpenAI as Client, openai } from "./index.ts";

const scope = { apiKey: "sk-planted-in-this-test", organization: "org_1", project: "proj_1" };
const data = new TextEncoder().encode("abcdef");
const md5 = "900150983cd24fb0d6963f7d28e17f72";

/** Fits every call. */
const answer = {
  id: "upload_1",
  object: "upload",
  bytes: 6,
  created_at: 1,
  expires_at: 3_601,
  filename: "a.bin",
  purpose: "user_data",
  status: "completed",
  file: { id: "file-1", object: "file", bytes: 6, created_at: 1, filename: "a.bin", purpose: "user_data" },
};

let recorder: Recorder;
let client: Client;
let sdk: OpenAI;

beforeEach(async () => {
  recorder = await startRecorder(answer);
  client = openai({ ...scope, baseUrl: recorder.baseUrl });
  sdk = new OpenAI({ ...scope, baseURL: recorder.baseUrl, maxRetries: 0 });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await recorder[Symbol.asyncDispose]();
});

interface Call {
  readonly name: string;
  /** What came over the line for this call. Lines, JSON bodies and forms with BOUNDARY for what each client makes up. */
  readonly recorded: {
    readonly line: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  ours(): Promise<unknown>;
  theirs(): Promise<unknown>;
}

/** Recorded from openai-node 7.55.0. What fields are called, and may hold, is told by the API reference. */
const calls: readonly Call[] = [
  {
    name: "create",
    recorded: {
      line: "POST /v1/uploads HTTP/1.1",
      headers: { "content-type": "application/json", "content-length": "146" },
      body: '{"bytes":6,"filename":"a.bin","mime_type":"application/octet-stream","purpose":"user_data","expires_after":{"anchor":"created_at","seconds":3600}}',
    },
    ours: () =>
      client.createUpload({
        bytes: 6,
        filename: "a.bin",
        mimeType: "application/octet-stream",
        purpose: "user_data",
        expiresAfter: { anchor: "created_at", seconds: 3600 },
      }),
    theirs: () =>
      sdk.uploads.create({
        bytes: 6,
        filename: "a.bin",
        mime_type: "application/octet-stream",
        purpose: "user_data",
        expires_after: { anchor: "created_at", seconds: 3600 },
      }),
  },
  {
    name: "create without what may be left out",
    recorded: {
      line: "POST /v1/uploads HTTP/1.1",
      headers: { "content-type": "application/json", "content-length": "82" },
      body: '{"bytes":7,"filename":"a \\"ü\\".jsonl","mime_type":"text/jsonl","purpose":"batch"}',
    },
    ours: () => client.createUpload({ bytes: 7, filename: 'a "ü".jsonl', mimeType: "text/jsonl", purpose: "batch" }),
    theirs: () => sdk.uploads.create({ bytes: 7, filename: 'a "ü".jsonl', mime_type: "text/jsonl", purpose: "batch" }),
  },
  {
    name: "add part",
    recorded: {
      line: "POST /v1/uploads/upload_1/parts HTTP/1.1",
      headers: { "content-type": "multipart/form-data; boundary=BOUNDARY" },
      body: [
        "--BOUNDARY",
        'Content-Disposition: form-data; name="data"; filename="a.bin"',
        "Content-Type: application/octet-stream",
        "",
        "abcdef",
        "--BOUNDARY--",
        "",
      ].join("\r\n"),
    },
    ours: () => client.addUploadPart("upload_1", bytesSource(data, { name: "a.bin" })),
    theirs: async () => sdk.uploads.parts.create("upload_1", { data: await toFile(data, "a.bin") }),
  },
  {
    name: "add part of a type, with a name that must be escaped",
    recorded: {
      line: "POST /v1/uploads/upload_1/parts HTTP/1.1",
      headers: { "content-type": "multipart/form-data; boundary=BOUNDARY" },
      body: [
        "--BOUNDARY",
        'Content-Disposition: form-data; name="data"; filename="a %22ü%22.mp4"',
        "Content-Type: video/mp4",
        "",
        "abcdef",
        "--BOUNDARY--",
        "",
      ].join("\r\n"),
    },
    ours: () => client.addUploadPart("upload_1", bytesSource(data, { name: 'a "ü".mp4', type: "video/mp4" })),
    theirs: () => sdk.uploads.parts.create("upload_1", { data: new File([data], 'a "ü".mp4', { type: "video/mp4" }) }),
  },
  {
    name: "complete",
    recorded: {
      line: "POST /v1/uploads/upload_1/complete HTTP/1.1",
      headers: { "content-type": "application/json", "content-length": "73" },
      body: `{"part_ids":["part_2","part_1"],"md5":"${md5}"}`,
    },
    ours: () => client.completeUpload("upload_1", { partIds: ["part_2", "part_1"], md5 }),
    theirs: () => sdk.uploads.complete("upload_1", { part_ids: ["part_2", "part_1"], md5 }),
  },
  {
    name: "cancel",
    recorded: { line: "POST /v1/uploads/upload_1/cancel HTTP/1.1", headers: { "content-length": "0" }, body: "" },
    ours: () => client.cancelUpload("upload_1"),
    theirs: () => sdk.uploads.cancel("upload_1"),
  },
];

/** What every call of the SDK carried, whichever it was. */
const always = {
  accept: "application/json",
  authorization: `Bearer ${scope.apiKey}`,
  "openai-organization": scope.organization,
  "openai-project": scope.project,
};

/** Headers in which a client may differ from the SDK, and why. Anything else that differs, or is not there, is a mistake. */
const MAY_DIFFER: Readonly<Record<string, string>> = {
  "user-agent": "each says what it is",
  "accept-encoding": "replies are small, and are not inflated: theirs is what Node's fetch does by itself",
  "accept-language": "Node's fetch adds it, for the sake of pages",
  "sec-fetch-mode": "as above",
  "x-stainless-retry-count": "statistics of the SDK's makers",
  "x-stainless-lang": "as above",
  "x-stainless-package-version": "as above",
  "x-stainless-os": "as above",
  "x-stainless-arch": "as above",
  "x-stainless-runtime": "as above",
  "x-stainless-runtime-version": "as above",
};

/** With one text for a boundary that is random, and a length that is found to be right and then left out where it counts it. */
function comparable({ line, headers, body }: Recorded): Recorded {
  expect(headers.get("content-length")).toBe(String(body.length));
  const boundary = /boundary=(.+)$/.exec(headers.get("content-type") ?? "")?.[1];
  if (boundary === undefined) return { line, headers, body };
  expect(body.split(boundary).length).toBe(3);
  const compared = new Map(headers);
  compared.set("content-type", String(headers.get("content-type")).replace(boundary, "BOUNDARY"));
  compared.delete("content-length");
  return { line, headers: compared, body: body.replaceAll(boundary, "BOUNDARY") };
}

/** What the recorder has, of one call. */
async function sent(call: () => Promise<unknown>): Promise<Recorded> {
  recorder.requests.length = 0;
  await call();
  expect(recorder.requests.length).toBe(1);
  return comparable(recorder.requests[0] as Recorded);
}

describe.each(calls)("on the wire, $name", ({ recorded, ours, theirs }) => {
  // The recorder has a character for every byte.
  const body = Buffer.from(recorded.body, "utf8").toString("latin1");

  test.each([
    ["we send", ours],
    ["the official SDK sends", theirs],
  ])("%s the bytes that were recorded", async (_, call) => {
    const request = await sent(call);
    expect(request.line).toBe(recorded.line);
    expect(request.body).toBe(body);
    expect(Object.fromEntries(request.headers)).toMatchObject({ ...always, ...recorded.headers });
    if (!("content-type" in recorded.headers)) expect(request.headers.has("content-type")).toBe(false);
  });

  test("is the official SDK's, header by header", async () => {
    const own = await sent(ours);
    const official = await sent(theirs);
    expect({ line: own.line, body: own.body }).toEqual({ line: official.line, body: official.body });
    const names = new Set([...own.headers.keys(), ...official.headers.keys()]);
    const different = [...names].filter((name) => own.headers.get(name) !== official.headers.get(name));
    expect(different.filter((name) => MAY_DIFFER[name] === undefined)).toEqual([]);
    // Host and Connection are among those that are the same, and the list holds nothing that is not needed.
    expect(different.sort()).toEqual(Object.keys(MAY_DIFFER).sort());
  });
});
