import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Replicate, replicate } from "./index.ts";

let emulator: Emulator;
let client: Replicate;

beforeEach(async () => {
  emulator = await startEmulator({ replicate: { start: 5, run: 40 } });
  client = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate, retry: false });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const create = (model: string, prompt = "a b c") => client.createPrediction(model, { input: { prompt } });
const last = () => emulator.requests.at(-1);

describe("stream", () => {
  test("gives each piece, spaces and line breaks kept, and shows no key", async () => {
    const prompt = "Once  upon\n\na time,\n there was 文 a weir";
    const pieces = await Array.fromAsync(client.stream(await create("owner/text", prompt)));
    expect(pieces.length).toBeGreaterThan(4);
    expect(pieces.join("")).toBe(prompt);
    expect(last()?.route).toBe("predictions.stream");
    expect(last()?.headers).not.toHaveProperty("authorization");
    expect(last()?.headers["accept"]).toBe("text/event-stream");
  });

  test("asks for nothing before it is read", async () => {
    const prediction = await create("owner/text");
    const stream = client.stream(prediction);
    expect(last()?.route).toBe("predictions.create");
    await stream.cancel();
    expect(last()?.route).toBe("predictions.create");
  });

  test("of a model that fails, is canceled, or breaks off, ends with an error", async () => {
    const read = async (prediction: Awaited<ReturnType<typeof create>>) => Array.fromAsync(client.stream(prediction));
    const failed = await client.createPrediction("owner/text-fail", {
      input: { prompt: "a", emulate: { error: "no GPU" } },
    });
    await expect(read(failed)).rejects.toMatchObject({ code: "task-failed", cause: "no GPU" });
    const never = await create("owner/text-never");
    const canceled = expect(read(never)).rejects.toMatchObject({ code: "task-canceled" });
    await client.task(never.id).cancel?.({ signal: new AbortController().signal, attempt: 1 });
    await canceled;
    emulator.faults.set([{ match: { route: "predictions.stream", nth: 1 }, do: { truncateReply: 30 } }]);
    await expect(read(await create("owner/text"))).rejects.toMatchObject({ code: "bad-reply" });
    await expect(read(await create("owner/text"))).resolves.toHaveLength(3);
  });

  test("without its last event is a bad reply", async () => {
    const server = createServer((_, response) => response.end("event: output\ndata: a\n\n")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const stream = client.stream({ id: "p", urls: { stream: `http://127.0.0.1:${port}/s` } });
    const reader = stream.getReader();
    expect((await reader.read()).value).toBe("a");
    await expect(reader.read()).rejects.toMatchObject({ code: "bad-reply", status: 200 });
    server.close();
  });

  test("ends with the signal's reason; a cancel ends the request", async () => {
    const abort = new AbortController();
    const prediction = await create("owner/text-never");
    const reader = client.stream(prediction, { signal: abort.signal }).getReader();
    await reader.read();
    const next = Array.fromAsync({ [Symbol.asyncIterator]: () => ({ next: async () => reader.read() as never }) });
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(next).rejects.toBe(reason);
    const other = client.stream(prediction).getReader();
    await other.read();
    await other.cancel();
    await expect.poll(() => last()?.outcome, { timeout: 10_000 }).toBe("aborted");
  });

  test("is refused for a model without one", async () => {
    expect(() => client.stream({ id: "p", urls: {} })).toThrow(TypeError);
  });
});
