import { bytesSource, streamSource } from "@sluice/source";
import { expect, test } from "vitest";
import { memoryJournal, type UploadEvent, upload } from "./index.ts";
import { type Call, type Fault, MemoryTarget } from "./testing.ts";

const UPLOADS = 2_000;
const CODES = [undefined, "completion-unknown", "stalled"];

/** Deterministic for a seed: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

test(`${UPLOADS} uploads through every fault: each settles, and each success is what was sent`, async () => {
  const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 32));
  console.log(`SEED=${seed}`);
  const random = randomFrom(seed);
  const upTo = (limit: number) => Math.floor(random() * limit);
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  const tally = { right: 0, failed: 0, unknown: 0, aborted: 0 };
  const timersBefore = process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;

  for (let round = 0; round < UPLOADS; round += 1) {
    const rate = random() * 0.25;
    const faults: Fault[] = ["fail", "lose the reply", "refuse", "hang", "work twice", "expire"];
    const weights = [6, 6, 1, 3, 6, 1];
    const fault = (call: Call): Fault | undefined => {
      if (random() > rate) return undefined;
      const tickets = faults.flatMap((fault, index) => new Array<Fault>(weights[index] ?? 0).fill(fault));
      const chosen = tickets[upTo(tickets.length)];
      // Nothing watches these: that is for the transport's own timeouts.
      if (chosen === "hang" && call !== "put") return "fail";
      // One whose id never came back is nobody's to clean up.
      return chosen === "lose the reply" && call === "create" ? "fail" : chosen;
    };
    const target = new MemoryTarget({ preferredPartSize: 1 + upTo(500) }, fault);
    if (random() < 0.5) target.inspect = (session) => target.tell(session);
    const bytes = Uint8Array.from({ length: upTo(4_000) }, () => upTo(256));
    const size = 1 + upTo(700);
    const chunks = Array.from({ length: Math.ceil(bytes.byteLength / size) }, (_, index) =>
      bytes.slice(index * size, (index + 1) * size),
    );
    const once = random() < 0.4;
    const source = once
      ? streamSource(chunks, random() < 0.5 ? { size: bytes.byteLength } : {})
      : bytesSource(bytes, { name: "a.bin" });
    const abort = new AbortController();
    const aborts = random() < 0.1;
    if (aborts) setTimeout(() => abort.abort("enough"), upTo(15));
    const events: UploadEvent[] = [];
    try {
      const whole = await upload(source, target, {
        concurrency: random() < 0.3 ? "auto" : 1 + upTo(6),
        memory: 10_000,
        stallTimeout: 5,
        cleanupTimeout: 20,
        retry: { base: 1, cap: 2, attempts: 4 },
        random,
        signal: abort.signal,
        ...(random() < 0.3 && { journal: memoryJournal() }),
        ...(random() < 0.2 && { digest: ["crc32"] as const }),
        onEvent: (event) => void events.push(event),
      });
      expect(whole, `round ${round}`).toEqual(bytes);
      const completed = [...target.uploads.values()].filter(({ state }) => state === "completed");
      expect(completed.length).toBe(1);
      tally.right += 1;
    } catch (error) {
      if (error === "enough") {
        tally.aborted += 1;
        continue;
      }
      const { code, message } = error as { code?: string; message: string };
      if (code === undefined) expect(message).toMatch(/failed|refused|lost|expired|not known|part|canceled/);
      else expect([...CODES, "expired"]).toContain(code);
      if (code === "completion-unknown") tally.unknown += 1;
      else {
        tally.failed += 1;
        // Whatever is left open has been told of.
        const open = [...target.uploads.values()].some(({ state }) => state === "open");
        if (open) expect(events.some((event) => event.type === "cleanup" && event.state !== "canceled")).toBe(true);
      }
    }
  }
  console.log(JSON.stringify(tally));
  await new Promise((resolve) => setTimeout(resolve, 50));
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
  expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length).toBeLessThanOrEqual(
    timersBefore + 1,
  );
  expect(tally.right).toBeGreaterThan(UPLOADS / 3);
}, 600_000);
