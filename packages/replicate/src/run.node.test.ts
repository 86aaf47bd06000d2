import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { type ByteSource, bytesSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type OutputSource, type Prediction, type Replicate, replicate } from "./index.ts";

/** What the emulator's models say of the files that they were given. */
interface Seen {
  readonly files: readonly {
    readonly at: string;
    readonly via: string;
    readonly sha256: string;
    readonly size: number;
  }[];
}

let emulator: Emulator;
let client: Replicate;

beforeEach(async () => {
  emulator = await startEmulator({ replicate: { start: 10, run: 30 } });
  client = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate, retry: { base: 5 } });
});
afterEach(async () => {
  await client[Symbol.asyncDispose]();
  await emulator.close();
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = async (source: ByteSource) => Buffer.from(await new Response(source.stream()).arrayBuffer());
const routes = () => emulator.requests.map(({ route }) => route);

describe("inputs", () => {
  test("files at any depth go in parallel, each the best way; the rest stays as it is", async () => {
    const [large, small] = [randomBytes(300_000), randomBytes(1000)];
    const folder = mkdtempSync(join(tmpdir(), "sluice-replicate-"));
    const path = join(folder, "talk.mp3");
    writeFileSync(path, large);
    const source = bytesSource(small, { type: "image/png" });
    const { files } = await client.run<Seen>("owner/model", {
      input: {
        audio: file(path),
        shots: [{ image: source }, { image: source }],
        blob: new Blob([large]),
        level: 3,
        when: new Date(0),
        nothing: null,
      },
    });
    expect(files.map(({ at, via }) => [at, via])).toEqual([
      ["/audio", "file"],
      ["/shots/0/image", "data-uri"],
      ["/shots/1/image", "data-uri"],
      ["/blob", "file"],
    ]);
    expect(files.map((each) => each.sha256)).toEqual([large, small, small, large].map(sha256));
    expect(routes().filter((route) => route === "files.create")).toHaveLength(2);
    rmSync(folder, { recursive: true });
  });

  test("strings stay strings, whatever files they name", async () => {
    const folder = process.cwd();
    const paths = readdirSync(folder)
      .slice(0, 5)
      .map((name) => join(folder, name));
    let seen: Prediction | undefined;
    const input = { prompt: "/etc/passwd", paths, deep: { file: import.meta.filename, uri: "file:///etc/passwd" } };
    const output = await client.run<Seen>("owner/digest", {
      input,
      onPrediction: (prediction) => {
        seen = prediction;
      },
    });
    expect(output).toEqual({ files: [] });
    expect(seen?.input).toEqual(input);
    expect(routes()).not.toContain("files.create");
  });

  test("the first failure stops the others, and nothing is created", async () => {
    emulator.faults.set([{ match: { route: "files.create", nth: 1 }, do: { status: 400, body: { detail: "no" } } }]);
    const input = { files: Array.from({ length: 10 }, () => bytesSource(randomBytes(300_000))) };
    await expect(client.run("owner/model", { input, concurrency: 2 })).rejects.toMatchObject({ status: 400 });
    expect(routes()).not.toContain("predictions.create");
    expect(emulator.requests.length).toBeLessThan(5);
  });

  test("misuse is told at once", async () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    await expect(client.run("owner/model", { input: cycle })).rejects.toThrow(TypeError);
    await expect(client.run("model", { input: {} })).rejects.toThrow(TypeError);
    await expect(client.run("owner/model", { input: [] as never })).rejects.toThrow(TypeError);
    await expect(client.run("owner/model", { input: {}, concurrency: 0 })).rejects.toThrow(RangeError);
    await expect(client.run("owner/model", { input: {}, wait: -1 })).rejects.toThrow(RangeError);
    await expect(client.run("owner/model", { input: {}, cancelAfter: 1 })).rejects.toThrow(RangeError);
    await expect(client.run("owner/model", { input: { a: new Float32Array(1) } })).rejects.toThrow(TypeError);
    expect(emulator.requests).toEqual([]);
  });
});

describe("outputs", () => {
  test("files stream, and can be looked at and read in ranges", async () => {
    const output = await client.run<OutputSource>("owner/file", { input: { emulate: { size: 200_003 } } });
    expect(output).toMatchObject({ replayable: false, size: undefined, name: "out-0.bin" });
    await using looked = await output.open();
    expect(looked).toMatchObject({ size: 200_003, replayable: true, type: "application/octet-stream" });
    const whole = await bytesOf(output);
    expect(whole.readBigUInt64BE(199_992)).toBe(199_992n);
    const part = await new Response(looked.stream({ start: 70_001, end: 140_000 })).arrayBuffer();
    expect(Buffer.from(part).equals(whole.subarray(70_001, 140_000))).toBe(true);
    expect(() => output.stream()).toThrow(TypeError);
  });

  test("data URIs are bytes; texts stay texts", async () => {
    const [image] = await client.run<ByteSource[]>("owner/image", { input: {} });
    expect(image).toMatchObject({ type: "image/png", replayable: true });
    expect((await bytesOf(image as ByteSource)).toString("latin1", 1, 4)).toBe("PNG");
    const prompt = "see https://files.example/a and data: too";
    expect((await client.run<string[]>("owner/text", { input: { prompt } })).join("")).toBe(prompt);
  });

  test("of many megabytes within the answer are taken", async () => {
    const bytes = randomBytes(5_000_000);
    const output = `data:image/png;base64,${bytes.toString("base64")}`;
    const body = { id: "p1", status: "succeeded", output };
    emulator.faults.set([{ match: { route: "predictions.create" }, do: { status: 201, body } }]);
    const image = await client.run<ByteSource>("owner/image", { input: {} });
    expect(sha256(await bytesOf(image))).toBe(sha256(bytes));
  });

  test("of one model are inputs of the next, by their address", async () => {
    const made = await client.run<OutputSource>("owner/file", { input: {} });
    const { files } = await client.run<Seen>("owner/digest", { input: { made } });
    expect(files).toMatchObject([{ via: "url", size: 1024 * 1024 }]);
    expect(routes()).not.toContain("files.create");
  });
});

test("all of it goes through a fetch of one's own, as in other runtimes", async () => {
  const called: string[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    called.push(`${init?.method ?? "GET"} ${new URL(String(input)).pathname.replaceAll(/[\w=-]{20,}/g, "ID")}`);
    return globalThis.fetch(input, init);
  };
  await using other = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate, fetch });
  const bytes = randomBytes(300_000);
  const { files } = await other.run<Seen>("owner/digest", { input: { audio: new Blob([bytes]) } });
  expect(files[0]?.sha256).toBe(sha256(bytes));
  const made = await other.run<OutputSource>("owner/file", { input: { emulate: { size: 100_000 } } });
  expect((await bytesOf(made)).byteLength).toBe(100_000);
  const prediction = await other.createPrediction("owner/text", { input: { prompt: "a b" } });
  expect((await Array.fromAsync(other.stream(prediction))).join("")).toBe("a b");
  expect(called).toContain("POST /replicate/v1/files");
  expect(called).toContain("GET /replicate/v1/streams/ID");
  expect(called.at(-1)).toBe("GET /replicate/v1/streams/ID");
});

describe("waiting", () => {
  test.each(["early", "partial", "empty", "slow"])("an answer that is %s is not the end", async (answer) => {
    const input = { prompt: "a b c d", emulate: { run: 300 } };
    const states: string[] = [];
    const output = await client.run<string[]>(`owner/text-${answer}`, {
      input,
      wait: 1000,
      interval: 20,
      onPrediction: ({ status }) => states.push(status),
    });
    expect(output.join("")).toBe("a b c d");
    if (answer !== "slow") expect(states[0]).toBe("processing");
    expect(states.at(-1)).toBe("succeeded");
  });

  test("without wait it polls from the start", async () => {
    await client.run("owner/digest", { input: {}, wait: false, interval: 10 });
    expect(emulator.requests[0]?.headers).not.toHaveProperty("prefer");
    expect(routes()).toContain("predictions.get");
  });

  test("a failure is the model's own words, canceled and aborted are ends", async () => {
    const failing = client.run("owner/fail", { input: { emulate: { error: "out of memory" } } });
    await expect(failing).rejects.toMatchObject({ code: "task-failed", cause: "out of memory", provider: "replicate" });
    await expect(client.run("owner/aborted", { input: {} })).rejects.toMatchObject({
      code: "task-canceled",
      cause: expect.objectContaining({ message: expect.stringContaining("aborted") }),
    });
  });

  test("a deadline cancels", async () => {
    const late = client.run("owner/never", { input: {}, wait: false, interval: 10, deadline: 100 });
    await expect(late).rejects.toMatchObject({ code: "deadline" });
    expect(routes()).toContain("predictions.cancel");
  });
});

describe("an abort", () => {
  const reason = new Error("enough");

  test("cancels what runs", async () => {
    const abort = new AbortController();
    let id = "";
    const running = client.run("owner/never", {
      input: {},
      wait: false,
      interval: 5,
      signal: abort.signal,
      onPrediction(prediction) {
        id = prediction.id;
        if (prediction.status === "processing") abort.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect((await client.task(id).read({ signal: new AbortController().signal, attempt: 1 })).state).toBe("canceled");
  });

  test("as soon as there is a prediction cancels it", async () => {
    const abort = new AbortController();
    const onPrediction = () => abort.abort(reason);
    const running = client.run("owner/never", { input: {}, wait: false, signal: abort.signal, onPrediction });
    await expect(running).rejects.toBe(reason);
    await expect.poll(routes, { timeout: 10_000 }).toEqual(["predictions.create", "predictions.cancel"]);
  });

  test("during the call that creates waits for its answer, and cancels", async () => {
    emulator.faults.set([{ match: { route: "predictions.create" }, do: { delay: 300 } }]);
    const abort = new AbortController();
    const events: unknown[] = [];
    const running = client.run("owner/never", {
      input: {},
      wait: false,
      signal: abort.signal,
      onEvent: (event) => events.push(event),
    });
    await expect.poll(routes, { timeout: 10_000 }).toContain("predictions.create");
    abort.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(events).toMatchObject([{ type: "cleanup", done: true, id: expect.any(String) }]);
    expect(routes()).toEqual(["predictions.create", "predictions.cancel"]);
  });

  test("is not held up for ever by a server that does not answer", async () => {
    emulator.faults.set([{ match: { route: "predictions.create" }, do: { stallAfterBytes: 1 } }]);
    const abort = new AbortController();
    const events: unknown[] = [];
    const creating = client.createPrediction("owner/never", {
      input: {},
      signal: abort.signal,
      cleanupTimeout: 50,
      onEvent: (event) => events.push(event),
    });
    await expect.poll(routes, { timeout: 10_000 }).toContain("predictions.create");
    abort.abort(reason);
    await expect(creating).rejects.toBe(reason);
    expect(events).toMatchObject([{ type: "cleanup", done: false, id: undefined }]);
  });

  test("between two attempts ends at once", async () => {
    emulator.faults.set([{ match: { route: "predictions.create" }, do: { retryAfter: 60_000 } }]);
    const abort = new AbortController();
    const creating = client.createPrediction("owner/never", {
      input: {},
      signal: abort.signal,
      cleanupTimeout: 60_000,
    });
    await expect.poll(() => emulator.requests[0]?.outcome, { timeout: 10_000 }).toBe("answered");
    setTimeout(() => abort.abort(reason), 50);
    await expect(creating).rejects.toBe(reason);
  });

  test("before anything sends nothing", async () => {
    const signal = AbortSignal.abort(reason);
    await expect(client.run("owner/never", { input: { a: new Blob(["a"]) }, signal })).rejects.toBe(reason);
    await expect(client.createPrediction("owner/never", { input: {}, signal })).rejects.toBe(reason);
    expect(emulator.requests).toEqual([]);
  });
});

describe("createPrediction", () => {
  test("is not sent again after an unclear failure", async () => {
    for (const fault of [{ resetAfterWork: true }, { status: 500 }, { status: 503 }, { malformedReply: true }]) {
      emulator.requests.length = 0;
      emulator.faults.set([{ match: { route: "predictions.create" }, do: fault }]);
      await expect(client.createPrediction("owner/digest", { input: {} })).rejects.toMatchObject({
        code: expect.stringMatching(/^(http|bad-reply)$/),
        reached: true,
      });
      expect(emulator.requests).toHaveLength(1);
    }
  });

  test("is sent again after a 429, when its body says so", async () => {
    emulator.faults.set([
      {
        match: { route: "predictions.create", nth: 1 },
        do: { status: 429, body: { detail: "throttled", retry_after: 0.2 } },
      },
    ]);
    const start = performance.now();
    const { status } = await client.createPrediction("owner/digest", { input: {} });
    expect(status).toBe("starting");
    expect(emulator.requests).toHaveLength(2);
    // A floor, which holds on any machine.
    expect(performance.now() - start).toBeGreaterThanOrEqual(199);
  });

  test("what is left out of a new prediction has a value", async () => {
    const prediction = await client.createPrediction("owner/digest", { input: {} });
    expect(prediction).toMatchObject({ output: null, error: null, logs: "" });
  });

  test("by model, version, both and deployment", async () => {
    const version = `${"0".repeat(63)}1`;
    const create = (model: string) => client.createPrediction(model, { input: {} });
    expect((await create("owner/name")).model).toBe("owner/name");
    expect((await create(version)).version).toBe(version);
    expect((await create(`owner/name:${version}`)).version).toBe(version);
    expect((await create("deployments/owner/name")).deployment).toBe("owner/name");
    for (const wrong of ["", "name", "a/b/c", "a/b:"]) {
      await expect(create(wrong)).rejects.toThrow(TypeError);
    }
  });

  test("with a wait, a deadline of the server's and a webhook", async () => {
    const prediction = await client.createPrediction("owner/digest", {
      input: {},
      wait: 90_000,
      cancelAfter: 30_000,
      webhook: new URL("https://hooks.example/a"),
      webhookEvents: ["completed"],
    });
    expect(prediction).toMatchObject({ status: "succeeded", webhook: "https://hooks.example/a" });
    expect(emulator.requests[0]?.headers).toMatchObject({ prefer: "wait=60", "cancel-after": "30s" });
  });
});
