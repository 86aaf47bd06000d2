import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OneAI } from "oneai";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Emulator, startEmulator } from "../index.ts";

// The judge: the official SDK, unmodified. What it cannot do by its own faults stands at the end.
const folder = mkdtempSync(join(tmpdir(), "emulator-oneai-"));
let emulator: Emulator;
let client: OneAI;

// It prints the bodies of failed replies.
const { log } = console;
beforeAll(async () => {
  console.log = () => {};
  emulator = await startEmulator();
  client = new OneAI("key-that-is-planted", { baseURL: emulator.urls.oneai });
  client.logger.enabled = false;
});

afterEach(() => {
  emulator.requests.length = 0;
  emulator.faults.clear();
});

afterAll(async () => {
  console.log = log;
  rmSync(folder, { recursive: true });
  await emulator.close();
});

const quick = { interval: 0.01 };
/** What a pretend skill tells of bytes. */
const seenOf = (bytes: Uint8Array | string, type: string) => ({
  sha256: createHash("sha256").update(bytes).digest("hex"),
  md5: createHash("md5").update(bytes).digest("hex"),
  size: Buffer.from(bytes).length,
  type,
});
/** Params that only the emulator knows. */
const told = (emulate: object) => ({ emulate }) as object;

function fileOf(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

describe("run", () => {
  test("a text, with labels of the input and a summary with labels of its own", async () => {
    const text = "Sluices let water through. Gates hold it.";
    const pipeline = new client.Pipeline(client.skills.keywords(), client.skills.summarize(), client.skills.names());
    const output = await pipeline.run(text);
    const seen = seenOf(text, "text/plain");
    expect(output.text).toBe(text);
    expect(output.keywords).toMatchObject([{ skill: "keywords", value: seen.sha256, data: seen }]);
    expect(JSON.parse(String(output.summary?.text))).toEqual(seen);
    expect(output.summary?.origins).toMatchObject([{ skill: "summarize" }]);
    expect(output.summary?.names).toMatchObject([{ skill: "names", outputSpans: [{ section: 0, start: 0 }] }]);
    expect(output.requestId).toBe(emulator.requests[0]?.id);
    expect(output.stats).toMatchObject({ concurrencyWaitTime: 0, totalRunningJobs: 1, wordCount: 7 });
    expect(emulator.requests[0]?.route).toBe("pipeline.run");
  });

  test("a conversation", async () => {
    const conversation = [
      { speaker: "A", utterance: "Is it open?" },
      { speaker: "B", utterance: "It is." },
    ];
    const output = await new client.Pipeline(client.skills.emotions()).run(conversation);
    expect(output.text).toEqual(conversation);
    const seen = seenOf(JSON.stringify(conversation), "application/json");
    expect(output["emotions"]).toMatchObject([{ data: seen }]);
  });

  test("a text, asynchronously", async () => {
    const output = await new client.Pipeline(client.skills.topics()).run("Weirs", { sync: false, ...quick });
    expect(output.topics).toMatchObject([{ skill: "article-topics", data: seenOf("Weirs", "text/plain") }]);
    expect(emulator.requests.map(({ route }) => route)).toContain("pipeline.start");
  });
});

describe("runFile", () => {
  test("a recording is uploaded as it is, transcribed and summarized", async () => {
    const bytes = randomBytes(300_000);
    const pipeline = new client.Pipeline(client.skills.transcribe(), client.skills.summarize({ find_origins: false }));
    const output = await pipeline.runFile(fileOf("talk.mp3", bytes), quick);
    const seen = seenOf(bytes, "audio/mp3");
    expect(JSON.parse(String(output.transcription?.text))).toEqual(seen);
    expect(output.transcription?.["words"]).toMatchObject([{ timestamp: 0, timestampEnd: 1500, data: seen }]);
    expect(JSON.parse(String(output.transcription?.summary?.text))).toEqual(seen);
    expect(output.stats?.transcriptionSecondsCount).toBe(10);
    const upload = emulator.requests.find(({ route }) => route === "pipeline.upload");
    expect(upload?.headers).toMatchObject({ "api-key": "hidden", "content-type": "application/json" });
    const { type, size, sha256 } = seen;
    expect(emulator.files.list().at(-1)).toMatchObject({ provider: "oneai", type, size, sha256 });
  });

  test("every kind of file that it knows, both ways", async () => {
    const bytes = randomBytes(999);
    const types = { mp4: "audio/mpeg", wav: "audio/wav", pdf: "text/pdf", txt: "text/plain", html: "text/plain" };
    for (const [extension, type] of Object.entries(types)) {
      const isText = type === "text/plain";
      const path = fileOf(`a.${extension}`, isText ? "Water, über all." : bytes);
      const seen = seenOf(isText ? "Water, über all." : bytes, type);
      const pipeline = new client.Pipeline(client.skills.keywords());
      expect((await pipeline.runFile(path, quick)).keywords).toMatchObject([{ data: seen }]);
      expect((await pipeline.runFile(path, { sync: true })).keywords).toMatchObject([{ data: seen }]);
    }
  });

  test("a table gives a list of outputs", async () => {
    const path = fileOf("a.csv", "a,b\n1,2\n");
    const output = await new client.Pipeline(client.skills.keywords()).runFile(path, quick);
    expect(output.outputs?.[0]?.keywords).toMatchObject([{ data: seenOf("a,b\n1,2\n", "text/csv") }]);
  });

  test("by hand: the task, its status, and its end", async () => {
    const pipeline = new client.Pipeline(client.skills.transcribe());
    const task = await pipeline.runFile(fileOf("b.wav", randomBytes(10)), { polling: false });
    expect(task.requestId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(["QUEUED", "RUNNING"]).toContain((await pipeline.taskStatus(task)).status);
    expect((await pipeline.awaitTask(task.requestId, quick)).transcription).toBeDefined();
    expect((await pipeline.taskStatus(task.requestId)).status).toBe("COMPLETED");
  });
});

test("runBatch, with failures among its inputs", async () => {
  const inputs = ["one", "", "three"];
  const { outputs, errors } = await new client.Pipeline(client.skills.keywords()).runBatch(inputs);
  expect(outputs.map(({ index }) => index).sort()).toEqual([0, 2]);
  expect(errors).toMatchObject([{ index: 1, error: { statusCode: 40002, message: "The input is empty" } }]);
});

describe("failures", () => {
  test.each([
    [{ refuse: 40001 }, "The language is not supported", 40001],
    [{ fail: 40012 }, "The transcription failed", 40012],
    [{ refuse: 60003 }, "The daily quota of the key is used up", 60003],
    [{ refuse: 50000 }, "Internal server error", 50000],
    [{ refuse: 50002 }, "The service is overloaded", 50002],
  ])("%o has the service's words and its code", async (emulate, message, statusCode) => {
    const running = new client.Pipeline(client.skills.summarize(told(emulate))).run("text");
    const error = await running.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message, statusCode, requestId: emulator.requests[0]?.id });
  });

  test("no key is an error of the SDK, a wrong one is a 401", async () => {
    await using strict = await startEmulator({ oneai: { apiKey: "right" } });
    const at = { baseURL: strict.urls.oneai };
    const { keywords } = client.skills;
    await expect(new new OneAI("", at).Pipeline(keywords()).run("text")).rejects.toThrow("missing API key");
    const wrong = new new OneAI("wrong", at).Pipeline(keywords()).run("text");
    await expect(wrong).rejects.toMatchObject({ statusCode: 60002, message: "The API key was not found" });
    expect((await new new OneAI("right", at).Pipeline(keywords()).run("text")).keywords).toHaveLength(1);
  });

  test("a URL that cannot be retrieved", async () => {
    const running = new client.Pipeline(client.skills.keywords()).run(`${emulator.url}/nothing`);
    await expect(running).rejects.toMatchObject({ statusCode: 50001, message: "The URL cannot be retrieved" });
  });
});

// The lines of the fact sheet that are the SDK's own faults (§5). They are shown, not worked around.
describe("faults of the SDK", () => {
  test("404, 413, 429 and 502 end in a TypeError about its own table of errors", async () => {
    for (const status of [404, 413, 429, 502]) {
      emulator.faults.set([{ do: { status } }]);
      const running = new client.Pipeline(client.skills.keywords()).run("text");
      await expect(running).rejects.toThrow(/is not a constructor/);
    }
  });

  test("a failed task ends in a TypeError about a reply that it has not got", async () => {
    const pipeline = new client.Pipeline(client.skills.transcribe(told({ fail: 40012 }) as never));
    const running = pipeline.runFile(fileOf("c.wav", randomBytes(10)), quick);
    await expect(running).rejects.toThrow("Cannot read properties of undefined (reading 'data')");
  });

  test("results as they are documented end in a TypeError", async () => {
    const pipeline = new client.Pipeline(client.skills.summarize(told({ schema: "documented" })));
    await expect(pipeline.run("text")).rejects.toThrow(TypeError);
  });

  test("one busy answer while it polls ends the run, though the task goes on", async () => {
    emulator.faults.set([{ match: { route: "tasks.get", nth: 1 }, do: { status: 503 } }]);
    const pipeline = new client.Pipeline(client.skills.transcribe());
    await expect(pipeline.runFile(fileOf("d.wav", randomBytes(10)), quick)).rejects.toThrow("An injected fault");
  });

  test("a status that it does not know is polled for ever", async () => {
    const pipeline = new client.Pipeline(client.skills.keywords(told({ status: "CANCELLED", run: 0 }) as never));
    let over = false;
    pipeline.run("text", { sync: false, ...quick }).then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    const polls = () => emulator.requests.filter(({ route }) => route === "tasks.get").length;
    await expect.poll(polls, { timeout: 10_000 }).toBeGreaterThan(8);
    expect(over).toBe(false);
    // Nothing else ends it.
    emulator.faults.set([{ do: { status: 500 } }]);
    await expect.poll(() => over, { timeout: 10_000 }).toBe(true);
  });

  test("an image is refused before anything is sent, though its README lists images", async () => {
    const pipeline = new client.Pipeline(client.skills.keywords());
    await expect(pipeline.runFile(fileOf("e.jpg", "x"))).rejects.toThrow("Unsupported file type: .jpg");
    expect(emulator.requests).toEqual([]);
  });
});
