import { type Emulator, startEmulator } from "@sluice/emulator";
import { bytesSource } from "@sluice/source";
import { adopt } from "@sluice/streams";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type BatchOutcome, type OneAi, oneai, type PipelineInput } from "./index.ts";

let emulator: Emulator;
let client: OneAi;
beforeAll(async () => {
  emulator = await startEmulator({ oneai: { start: 1, run: 5 } });
  client = oneai({ apiKey: "a-key-of-tests", baseUrl: emulator.urls.oneai });
});
afterEach(() => {
  emulator.requests.length = 0;
});
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const collect = (stream: ReadableStream<BatchOutcome>) => Array.fromAsync(stream);
const busy = [{ skill: "keywords", params: { emulate: { never: true } } }];
const open = () => emulator.requests.filter(({ outcome }) => outcome === "open").length;

describe("runBatch", () => {
  test("runs the same steps on every input; a failure is an outcome", async () => {
    const inputs: PipelineInput[] = [
      "Water",
      "",
      [{ speaker: "A", utterance: "Open?" }],
      bytesSource(Uint8Array.of(1), { name: "a.wav" }),
      7 as never,
    ];
    const stage = client.runBatch(["keywords"], { interval: 1, maxInterval: 2 });
    const outcomes = await collect(adopt(inputs).pipeThrough(stage));
    outcomes.sort((a, b) => a.index - b.index);
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true, true, false]);
    expect(outcomes.map(({ input }) => input)).toEqual(inputs);
    for (const outcome of outcomes) {
      if (outcome.ok) expect(outcome.result.output[0]?.labels).toHaveLength(1);
    }
    expect(outcomes[1]).toMatchObject({ error: { providerCode: 40002 } });
    expect(outcomes[4]).toMatchObject({ error: expect.any(TypeError) });
  });

  test("runs so many at once and no more, and accepts what it says", async () => {
    const { readable, writable } = client.runBatch(busy, { concurrency: 3, inFlight: 5 });
    const writer = writable.getWriter();
    let accepted = 0;
    for (let index = 0; index < 8; index += 1) {
      writer.write("Water").then(
        () => {
          accepted += 1;
        },
        () => {},
      );
    }
    await expect.poll(open, { timeout: 10_000 }).toBe(3);
    expect(accepted).toBe(5);
    const reason = new Error("enough");
    writer.closed.catch(() => {});
    await readable.cancel(reason);
    await expect.poll(open, { timeout: 10_000 }).toBe(0);
    expect([accepted, emulator.requests.length]).toEqual([5, 3]);
  });

  test("accepts nothing while outcomes are not read", async () => {
    const { readable, writable } = client.runBatch("keywords");
    const writer = writable.getWriter();
    let accepted = 0;
    const count = () => {
      accepted += 1;
    };
    const writes = [1, 2, 3, 4, 5].map((index) => writer.write(`Water ${index}`).then(count));
    await expect
      .poll(() => emulator.requests.filter(({ status }) => status === 200).length, { timeout: 10_000 })
      .toBe(2);
    expect(accepted).toBe(2);
    writer.close();
    expect((await collect(readable)).map(({ ok }) => ok)).toEqual([true, true, true, true, true]);
    await Promise.all(writes);
  });

  test("ends with its signal, and with whoever aborts it", async () => {
    const reason = new Error("enough");
    const abort = new AbortController();
    const stage = client.runBatch(busy, { signal: abort.signal });
    const outcomes = collect(adopt(["a", "b", "c"]).pipeThrough(stage)).catch((error: unknown) => error);
    await expect.poll(open, { timeout: 10_000 }).toBe(2);
    abort.abort(reason);
    expect(await outcomes).toBe(reason);
    await expect.poll(open, { timeout: 10_000 }).toBe(0);

    const other = client.runBatch(busy);
    const writer = other.writable.getWriter();
    const writes = ["a", "b", "c"].map((input) => writer.write(input).catch((error: unknown) => error));
    await expect.poll(open, { timeout: 10_000 }).toBe(2);
    await writer.abort(reason);
    expect((await Promise.all(writes)).at(-1)).toBe(reason);
    await expect(collect(other.readable)).rejects.toBe(reason);
    await expect.poll(open, { timeout: 10_000 }).toBe(0);
  });

  test("says at once what is wrong with its steps and its options", () => {
    expect(() => client.runBatch([])).toThrow(RangeError);
    expect(() => client.runBatch("a", { concurrency: 0 })).toThrow('"concurrency" must be an integer of at least 1');
    expect(() => client.runBatch("a", { inFlight: "2" as never })).toThrow(TypeError);
    expect(() => client.runBatch("a", { streams: {} as never })).toThrow('"streams" must have both constructors');
  });
});
