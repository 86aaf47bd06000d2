import { randomBytes } from "node:crypto";
import { startEmulator } from "@sluice/emulator";
import { type ByteSource, bytesSource } from "@sluice/source";
import { type UploadEvent, upload } from "@sluice/uploader";
import { expect, test } from "vitest";
import { openai } from "./index.ts";

const ABORTS = 200;
const PART = 64 * 1024;

/** The source, telling when it is read. */
function watched(source: ByteSource, onRead: () => void): ByteSource {
  const { read } = source;
  return {
    size: source.size,
    name: source.name,
    type: source.type,
    replayable: true,
    fingerprint: "v1",
    stream: (range) => source.stream(range),
    async read(into, position, options) {
      onRead();
      return (await read?.call(source, into, position, options)) ?? 0;
    },
    close: () => source.close(),
    [Symbol.asyncDispose]: () => source.close(),
  };
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

test(`aborted at ${ABORTS} random moments, an upload reads no more, resets its sockets and leaves no timer`, async () => {
  await using emulator = await startEmulator({
    faults: [{ match: { route: "uploads.parts.create" }, do: { slowTo: 1_500_000 } }],
  });
  const bytes = randomBytes(12 * PART);
  let [aborted, completed] = [0, 0];
  let slowest = 0;
  const known = new Set<string>();
  for (let round = 0; aborted < ABORTS; round += 1) {
    await using client = openai({ apiKey: "any", baseUrl: emulator.urls.openai });
    emulator.requests.length = 0;
    const before = timers();
    let lastRead = 0;
    const source = watched(bytesSource(Uint8Array.from(bytes), { name: `round-${round}` }), () => {
      lastRead = performance.now();
    });
    const abort = new AbortController();
    const reason = new Error("enough");
    let at = Number.POSITIVE_INFINITY;
    setTimeout(() => {
      at = performance.now();
      abort.abort(reason);
    }, Math.random() * 250);
    const events: UploadEvent[] = [];
    const outcome = await upload(source, client.target({ purpose: "user_data" }), {
      partSize: PART,
      concurrency: 4,
      signal: abort.signal,
      onEvent: (event) => void events.push(event),
    }).then(
      () => "completed",
      (error: unknown) => error,
    );
    if (outcome === "completed") {
      completed += 1;
      continue;
    }
    aborted += 1;
    expect(outcome).toBe(reason);
    slowest = Math.max(slowest, performance.now() - at);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(lastRead).toBeLessThanOrEqual(at + 100);
    // Nothing is under way at the far side, and nothing is left open there without a word about it.
    const open = emulator.requests.filter((request) => request.outcome === "open");
    expect(open.map(({ route }) => route)).toEqual([]);
    const left = emulator.uploads.list().filter(({ status, id }) => status === "pending" && !known.has(id));
    for (const { id } of emulator.uploads.list()) known.add(id);
    const state = events.findLast((event) => event.type === "cleanup")?.state;
    expect(left.length === 0 || state !== "canceled").toBe(true);
    expect(timers()).toBeLessThanOrEqual(before);
  }
  console.log(JSON.stringify({ aborted, completed, slowestRejection: Math.round(slowest) }));
  expect(aborted).toBeGreaterThan(ABORTS / 2);
}, 300_000);
