import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ByteSource } from "@sluice/source";
import { file, fileSource } from "@sluice/source/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { serve } from "../../test-support/servers.ts";
import { multipartBody } from "../multipart-body.ts";
import { createClient } from "./create-client.ts";

const MiB = 1024 ** 2;
/** More than the kernel takes while the server reads nothing. */
const SIZE = 32 * MiB;

let folder: string;
let path: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-http-"));
  path = join(folder, "talk.mp4");
  await fill(path, "w");
  utimesSync(path, 1, 1);
});
afterEach(() => rmSync(folder, { recursive: true }));

const changes: [string, () => unknown][] = [
  ["shrinks", () => truncateSync(path, SIZE / 2)],
  ["grows", () => appendFileSync(path, "x")],
  ["is written to where it has been read", () => writeAt(SIZE / 2)],
  ["is written to where it will be read", () => writeAt(SIZE - 10)],
  ["is emptied and filled again", () => fill(path, "w")],
  ["is replaced", () => fill(`${path}.new`, "wx").then(() => renameSync(`${path}.new`, path))],
  ["is removed", () => rmSync(path)],
];

async function fill(name: string, flags: string): Promise<void> {
  await using handle = await open(name, flags);
  await handle.truncate(SIZE);
}

async function writeAt(position: number): Promise<void> {
  await using handle = await open(path, "r+");
  await handle.write("X", position);
}

/** The second half of a file, as an upload in parts sends it. */
function half(whole: ByteSource): ByteSource {
  return {
    size: SIZE / 2,
    name: whole.name,
    type: whole.type,
    replayable: true,
    fingerprint: undefined,
    stream: ({ signal } = {}) => whole.stream({ start: SIZE / 2, signal }),
    read: async (into, position, options) => (await whole.read?.(into, SIZE / 2 + position, options)) ?? 0,
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Sends it to a server that makes the change when it has the first bytes; tells what it had at the end. */
async function send(source: ByteSource, change: () => unknown): Promise<{ error: unknown; whole: boolean }> {
  const { promise: closed, resolve } = Promise.withResolvers<boolean>();
  await using server = await serve(async (request, response) => {
    request.once("close", () => resolve(request.complete));
    request.on("error", () => {});
    request.once("data", async () => {
      request.pause();
      await change();
      request.resume();
    });
    request.on("end", () => response.end("{}"));
  });
  await using client = createClient({ baseUrl: server.url });
  const request = client.request("POST", "/", { body: multipartBody({ data: source }), idempotent: true });
  const error = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, whole: await closed };
}

describe("a file that changes while it is being sent is an error, and its request never ends well:", () => {
  test("one that is sent whole and grows", async () => {
    await using source = file(path);
    const { error, whole } = await send(source, () => appendFileSync(path, "x"));
    expect(error).toMatchObject({ code: "source-changed", retryable: false });
    expect(whole).toBe(false);
  });

  test.each(changes)("one that %s, of which a part is sent", async (_, change) => {
    await using source = await fileSource(path);
    const { error, whole } = await send(half(source), change);
    expect(error).toMatchObject({ code: "source-changed", retryable: false });
    expect(whole).toBe(false);
  });

  test("and one that does not change arrives", async () => {
    await using source = file(path);
    expect(await send(source, () => {})).toEqual({ error: undefined, whole: true });
  });
});
