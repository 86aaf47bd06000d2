import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packedCommand } from "../test-support/packed-command.ts";
import { Desk } from "../test-support/run-sluice.ts";

const bytes = randomBytes(3_000_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");

let emulator: Emulator;
let server: Server;
let url: string;
/** Bytes that were sent of each path, and the version that it has. */
const sent = new Map<string, number>();
const versions = new Map<string, string>();

/**
 * `/broken…` breaks off the first time; `/endless…` stays silent after half as long as it has no second version; `/plain…`
 * has no version at all.
 */
function answer({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
  const path = url.split("?")[0] ?? "";
  const [, from = "0", to] = /bytes=(\d+)-(\d*)/.exec(headers.range ?? "") ?? [];
  const etag = versions.get(path) ?? '"1"';
  if (path.startsWith("/plain")) return void response.end(bytes);
  if (headers["if-match"] !== undefined && headers["if-match"] !== etag) return void response.writeHead(412).end();
  const part = bytes.subarray(Number(from), to ? Number(to) + 1 : undefined);
  response.writeHead(headers.range ? 206 : 200, {
    etag,
    "content-length": part.byteLength,
    "content-range": `bytes ${from}-${Number(from) + part.byteLength - 1}/${bytes.byteLength}`,
  });
  const before = sent.get(path) ?? 0;
  const stops = path.startsWith("/broken") ? before < 1_000_000 : path.startsWith("/endless") && etag === '"1"';
  const now = stops ? part.subarray(0, 1_500_000) : part;
  if (part.byteLength > 1) sent.set(path, before + now.byteLength);
  if (!stops || part.byteLength === 1) return void response.end(part);
  response.write(now, () => void (path.startsWith("/broken") && setTimeout(() => response.destroy(), 20)));
}

beforeAll(async () => {
  packedCommand();
  emulator = await startEmulator();
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await emulator.close();
});

/** Kills it when the half that the server gives is written down. */
async function killHalfway(desk: Desk, args: readonly string[], name: string, signal: NodeJS.Signals) {
  const folder = join(desk.folder, `${name}.partial`);
  const looks = setInterval(() => {
    const journal = existsSync(folder) && readdirSync(folder).find((file) => file.endsWith(".journal"));
    if (!journal || !readFileSync(join(folder, journal), "utf8").includes("arrived")) return;
    stop?.(signal);
    stop = undefined;
  }, 20);
  let stop: ((signal: NodeJS.Signals) => void) | undefined;
  const ended = await desk.sluice([...args, "--verbose"], {
    onStderr: (text, kill) => {
      if (!text.includes("Stopping")) stop = kill;
    },
  });
  clearInterval(looks);
  return ended;
}

describe.concurrent("sluice get", () => {
  test("goes on where a transfer broke off, verifies what it saves, and replaces nothing unasked", async () => {
    using desk = new Desk(emulator);
    const args = ["get", `${url}/broken.mp4?signature=planted`, "--digest", `sha256:${sha256}`];
    const { code, stdout, stderr } = await desk.sluice(args);
    expect(stderr).toContain("sha256 verified");
    expect([code, stdout]).toEqual([0, "broken.mp4\n"]);
    // From the start again it would have been 4.5 MB.
    expect(sent.get("/broken.mp4")).toBeLessThan(4_000_000);
    expect(readFileSync(join(desk.folder, "broken.mp4")).equals(bytes)).toBe(true);
    expect(readdirSync(desk.folder)).toEqual(["broken.mp4"]);
    const again = await desk.sluice(args);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("add --force to replace it");
  });

  test("goes on in another process after a kill, and verifies the whole", async () => {
    using desk = new Desk(emulator);
    const args = ["get", `${url}/endless-a.mp4`, "--digest", sha256];
    const killed = await killHalfway(desk, args, "endless-a.mp4", "SIGKILL");
    expect(killed.code).toBe(null);
    expect(readdirSync(desk.folder)).toEqual(["endless-a.mp4.partial"]);
    const kept = join(desk.folder, "endless-a.mp4.partial");
    expect([statSync(kept).mode & 0o777, statSync(join(kept, "bytes")).size]).toEqual([0o700, 1_500_000]);
    const { code, stderr } = await desk.sluice(args);
    expect(stderr).toMatch(
      /^endless-a\.mp4: 1\.5 MB have arrived before; going on from there\.\nSaved .* sha256 verified/,
    );
    expect(code).toBe(0);
    expect(sent.get("/endless-a.mp4")).toBeLessThan(4_000_000);
    expect(readFileSync(join(desk.folder, "endless-a.mp4")).equals(bytes)).toBe(true);
    expect(readdirSync(desk.folder)).toEqual(["endless-a.mp4"]);
  });

  test("starts over when there is another version, and says so", async () => {
    using desk = new Desk(emulator);
    const args = ["get", `${url}/endless-b.mp4`];
    const stopped = await killHalfway(desk, args, "endless-b.mp4", "SIGINT");
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain("1.5 MB are kept in endless-b.mp4.partial: the same command goes on with them.");
    versions.set("/endless-b.mp4", '"2"');
    const { code, stderr } = await desk.sluice(args);
    expect(stderr).toMatch(/^endless-b\.mp4: starts over \(it is not what it was then\)\.\nSaved /);
    expect(code).toBe(0);
    expect(readFileSync(join(desk.folder, "endless-b.mp4")).equals(bytes)).toBe(true);
  });

  test("saves nothing that is not what was expected", async () => {
    using desk = new Desk(emulator);
    const args = ["get", `${url}/plain.mp4`, "-o", "wrong.mp4", "--digest", `md5:${"0".repeat(32)}`, "--json"];
    const { code, lines } = await desk.sluice(args);
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({ type: "failed", code: "digest-mismatch" });
    expect(readdirSync(desk.folder)).toEqual([]);
  });

  test("replaces a file with --force, and keeps its permissions", async () => {
    using desk = new Desk(emulator);
    writeFileSync(join(desk.folder, "old.mp4"), "old", { mode: 0o640 });
    const { code } = await desk.sluice(["get", `${url}/plain.mp4`, "-o", "old.mp4", "--force"]);
    expect([code, statSync(join(desk.folder, "old.mp4")).mode & 0o777]).toEqual([0, 0o640]);
    expect(readFileSync(join(desk.folder, "old.mp4")).equals(bytes)).toBe(true);
  });

  test("writes to the standard output", async () => {
    using desk = new Desk(emulator);
    const before = ["sh", "-c", '"$@" | sha256sum', "sh"];
    expect((await desk.sluice(["get", `${url}/broken-out.mp4`, "-o", "-"], { before })).stdout).toContain(sha256);
  });
});
