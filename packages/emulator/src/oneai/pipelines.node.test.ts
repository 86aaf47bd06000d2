import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createClock } from "../clock.ts";
import { type Emulator, type OneAiOptions, startEmulator } from "../index.ts";

// What goes over the wire, past what the SDK does.
let emulator: Emulator;
let shared: Emulator;
beforeAll(async () => {
  shared = await startEmulator();
});
beforeEach(() => {
  emulator = shared;
});
afterEach(async () => {
  if (emulator !== shared) await emulator.close();
  shared.faults.clear();
});
afterAll(() => shared.close());

const steps = [{ skill: "keywords", params: {} }];
const sha256 = (bytes: string) => createHash("sha256").update(bytes).digest("hex");

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

async function call(path: string, body?: unknown, { at = emulator, headers = {}, method = "" } = {}): Promise<Answer> {
  const init: RequestInit & { duplex?: "half" } = {
    method: method || (body === undefined ? "GET" : "POST"),
    headers: { "api-key": "k", ...headers },
  };
  if (body !== undefined)
    init.body = typeof body === "string" || body instanceof ReadableStream ? body : JSON.stringify(body);
  if (body instanceof ReadableStream) init.duplex = "half";
  const reply = await fetch(`${at.urls.oneai}/api/v0/pipeline${path}`, init);
  return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Record<string, unknown> };
}

const upload = (pipeline: unknown, body: string | ReadableStream, at = emulator) =>
  call(
    `/async/file?pipeline=${encodeURIComponent(typeof pipeline === "string" ? pipeline : JSON.stringify(pipeline))}`,
    body,
    { at },
  );

/** An emulator for one test. */
async function restart(oneai: OneAiOptions, options: object = {}): Promise<void> {
  emulator = await startEmulator({ oneai, ...options });
}

describe("tasks", () => {
  test("go from queued over running to completed, by the clock", async () => {
    const clock = createClock(new Date("2022-08-21T09:15:39.007Z"));
    await restart({ start: 1000, run: 5000 }, { clock });
    const accepted = await call("/async", { input: "hi", steps });
    expect(accepted).toMatchObject({ status: 200, body: { status: "QUEUED" } });
    const id = accepted.body["task_id"];
    const read = async () => (await call(`/async/tasks/${id}`)).body;
    expect(await read()).toEqual({
      result: null,
      task_id: id,
      status: "QUEUED",
      completion_time: null,
      creation_time: "2022-08-21T09:15:39.007000",
    });
    clock.advance(1000);
    expect(await read()).toMatchObject({ status: "RUNNING", result: null });
    clock.advance(5000);
    expect(await read()).toMatchObject({ status: "COMPLETED", completion_time: "2022-08-21T09:15:45.007000" });
  });

  test("that fail have their error where it was asked for", async () => {
    for (const errorAt of ["both", "error", "result"]) {
      const instruction = { fail: 40012, errorAt, start: 0, run: 0 };
      const accepted = await call("/async", { input: "hi", steps: [{ skill: "x", params: { emulate: instruction } }] });
      const path = `/async/tasks/${accepted.body["task_id"]}`;
      await expect.poll(async () => (await call(path)).body["status"], { timeout: 10_000 }).toBe("FAILED");
      const error = {
        status_code: 40012,
        message: "The transcription failed",
        details: "As it was told to",
        request_id: accepted.headers.get("x-oneai-request-id"),
      };
      const { body } = await call(path);
      expect(body["error"]).toEqual(errorAt === "result" ? undefined : error);
      expect(body["result"]).toEqual(errorAt === "error" ? null : error);
    }
  });

  test("that nobody made are a 404", async () => {
    const { status, body } = await call("/async/tasks/none");
    expect([status, body["message"]]).toEqual([404, "The task was not found"]);
  });

  test("are accepted with a 202 where that is wanted", async () => {
    await restart({ acceptedStatus: 202 });
    expect((await call("/async", { input: "hi", steps })).status).toBe(202);
  });
});

describe("results", () => {
  test("as they are documented, and as the SDK reads them", async () => {
    const both = (await call("", { input: "hi", steps: [{ skill: "summarize" }, ...steps] })).body;
    const of = (schema: string) => [{ skill: "summarize", params: { emulate: { schema } } }, ...steps];
    const documented = (await call("", { input: "hi", steps: of("documented") })).body;
    const sdk = (await call("", { input: "hi", steps: of("sdk") })).body;
    expect(documented["input_text"]).toBe("hi");
    expect(documented).not.toHaveProperty("input");
    expect(sdk["input"]).toEqual([{ utterance: "hi" }]);
    expect(sdk).not.toHaveProperty("input_text");
    expect({ ...documented, input: sdk["input"], output: [] }).toEqual({ ...both, output: [] });
    const [made] = both["output"] as Record<string, unknown>[];
    expect(made).toMatchObject({ text_generated_by_step_name: "summarize", text_generated_by_step_id: 1 });
    expect(made?.["labels"]).toHaveLength(2);
    const text = JSON.stringify(JSON.parse(String(made?.["text"])));
    expect(text).toBe(made?.["text"]);
    expect((documented["output"] as object[])[0]).not.toHaveProperty("contents");
    expect((sdk["output"] as object[])[0]).not.toHaveProperty("text");
  });

  test("speakers are told apart where that is asked for", async () => {
    const transcribe = [{ skill: "transcribe", params: { speaker_detection: true } }];
    const input = Buffer.from("RIFF").toString("base64");
    const { body } = await call("", { input, encoding: "base64", content_type: "audio/wav", steps: transcribe });
    const [output] = body["output"] as { contents: { speaker: string }[] }[];
    expect(output?.contents[0]?.speaker).toBe("SPEAKER 1");
  });

  test("a URL of this machine is fetched, any other left alone", async () => {
    const server = createServer((_request, response) => {
      response.setHeader("content-type", "audio/wav");
      response.end("RIFF");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const read = async (input: string) => {
      const { body } = await call("", { input, steps: [{ skill: "transcribe" }] });
      return JSON.parse((body["output"] as { text: string }[])[0]?.text ?? "");
    };
    expect(await read(`http://127.0.0.1:${port}/a.wav`)).toMatchObject({ sha256: sha256("RIFF"), type: "audio/wav" });
    expect(await read("https://storage.example/a.wav?token=1")).toMatchObject({ sha256: null, size: null });
    server.close();
  });
});

describe("uploads", () => {
  test("with the query of the documentation, its line breaks and tabs included", async () => {
    const query =
      '{\n\t\t"content_type": "audio/wav",\n    "steps": [\n      { "skill": "transcribe", "params": { "speaker_detection": true } }, { "skill": "summarize" }  \n    ]\n}';
    expect((await upload(query, "RIFF")).body).toMatchObject({ status: "QUEUED" });
  });

  test("in chunks of unknown number, kept under the task's id", async () => {
    const storage = mkdtempSync(join(tmpdir(), "emulator-oneai-"));
    await restart({}, { storage });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const writing = Promise.all([writer.write(Buffer.from("RI")), writer.write(Buffer.from("FF")), writer.close()]);
    const { body } = await upload({ content_type: "audio/wav", steps }, readable);
    await writing;
    const file = emulator.files.get(String(body["task_id"]));
    expect(file).toMatchObject({ sha256: sha256("RIFF"), size: 4, type: "audio/wav" });
    expect(readFileSync(file?.path ?? "", "utf8")).toBe("RIFF");
    rmSync(storage, { recursive: true });
  });

  test("that wait for their result", async () => {
    const query = encodeURIComponent(JSON.stringify({ content_type: "text/plain", steps }));
    const { status, body } = await call(`/file?pipeline=${query}`, "Water");
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain(sha256("Water"));
  });
});

describe("inputs", () => {
  test("as base64 need no encoding for what is no text, and are long as you like", async () => {
    const bytes = "RIFF".repeat(100_000);
    const input = Buffer.from(bytes).toString("base64");
    for (const encoding of ["base64", undefined]) {
      const { body } = await call("", { input, encoding, content_type: "audio/wav", steps });
      expect(JSON.stringify(body["output"])).toContain(sha256(bytes));
    }
    const { body } = await call("", { input, steps });
    expect(JSON.stringify(body["output"])).toContain(sha256(input));
  });

  test("of a long text are seen whole and shown in part", async () => {
    const input = "Weir, “über” \n".repeat(20_000);
    const { body } = await call("", { input, steps });
    expect(JSON.stringify(body["output"])).toContain(sha256(input));
    expect(String(body["input_text"]).length).toBeLessThan(1000);
  });
});

describe("refusals", () => {
  test.each([
    ["no key", "", { input: "hi", steps }, { "api-key": "" }, 401, 60001],
    ["no JSON", "", "{", {}, 400, 40008],
    ["a list", "", [], {}, 400, 40008],
    ["no steps", "", { input: "hi" }, {}, 400, 40008],
    ["a step without a skill", "", { input: "hi", steps: [{ skill: 7 }] }, {}, 400, 40008],
    ["params that are a list", "", { input: "hi", steps: [{ skill: "a", params: [] }] }, {}, 400, 40008],
    ["an empty text", "", { input: "", steps }, {}, 400, 40002],
    ["an empty conversation", "", { input: [], steps }, {}, 400, 40002],
    ["an utterance without words", "", { input: [{ speaker: "A" }], steps }, {}, 400, 40004],
    ["an input type", "", { input: "hi", input_type: "poem", steps }, {}, 400, 40005],
    ["what is no base64", "", { input: "?", encoding: "base64", steps }, {}, 400, 40008],
    ["another encoding", "", { input: "hi", encoding: "latin1", steps }, {}, 400, 40008],
    ["no input", "", { steps }, {}, 400, 40008],
    ["no pipeline", "/async/file", "RIFF", {}, 400, 40008],
    ["a pipeline that is no JSON", "/async/file?pipeline=%7B", "RIFF", {}, 400, 40008],
    ["an empty file", `/async/file?pipeline=${encodeURIComponent(JSON.stringify({ steps }))}`, "", {}, 400, 40002],
    [
      "an instruction that is none",
      "",
      { input: "hi", steps: [{ skill: "a", params: { emulate: { fly: 1 } } }] },
      {},
      400,
      40008,
    ],
    ["no such place", "/signed_url", undefined, {}, 404, 40400],
    ["no such method", "/async", undefined, {}, 405, 40500],
  ])("%s, in the provider's shape", async (_name, path, body, headers, status, code) => {
    const answer = await call(path, body, { headers, method: body === undefined ? "GET" : "POST" });
    const id = answer.headers.get("x-oneai-request-id");
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({
      status_code: code,
      message: expect.any(String),
      details: expect.any(String),
      request_id: id,
    });
  });

  test("what makes no sense, where it is strict", async () => {
    await restart({ strict: true });
    const codeOf = async (path: string, body: unknown) => (await call(path, body)).body["status_code"];
    expect(await codeOf("/async", { input: "aaaa", content_type: "audio/wav", steps })).toBe(40011);
    const transcribe = [{ skill: "transcribe" }];
    expect(await codeOf("/async", { input: "aaaa", content_type: "text/plain", steps: transcribe })).toBe(40003);
    expect(await codeOf("", { input: "a,b", content_type: "text/csv", steps })).toBe(40005);
    expect(await codeOf("/async", { input: "a,b", content_type: "text/csv", steps })).toBeUndefined();
  });

  test("faults speak the provider's language, also inside a 200", async () => {
    emulator.faults.set([
      { match: { nth: 1 }, do: { retryAfter: 1500 } },
      { match: { nth: 2 }, do: { softError: 50002 } },
    ]);
    const limited = await call("", { input: "hi", steps });
    expect(limited).toMatchObject({ status: 429, body: { status_code: 60009 } });
    expect(limited.headers.get("retry-after")).toBe("2");
    const soft = await call("", { input: "hi", steps });
    expect(soft).toMatchObject({ status: 200, body: { status: "FAILED", error: { status_code: 50002 } } });
  });

  test("whatever is sent, it answers, and goes on answering", async () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const bodies = fc.oneof(
      fc.string(),
      value.map((body) => JSON.stringify(body)),
      fc
        .record(
          { input: value, steps: value, input_type: value, content_type: value, encoding: value },
          { requiredKeys: [] },
        )
        .map((body) => JSON.stringify(body)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("", "/async", "/file?pipeline=", "/async/file?pipeline="),
        bodies,
        bodies,
        async (path, query, body) => {
          const { status, body: answer } = await call(
            path.endsWith("=") ? path + encodeURIComponent(query) : path,
            body,
          );
          const known = status === 200 || (status === 400 && Object.hasOwn(answer, "status_code"));
          expect({ known, status, answer }).toMatchObject({ known: true });
        },
      ),
      { numRuns: 80 },
    );
  });

  test("pages of other origins get no leave, unless they are to", async () => {
    expect((await call("", { input: "hi", steps })).headers.get("access-control-allow-origin")).toBeNull();
    await restart({}, { cors: true });
    expect((await call("", { input: "hi", steps })).headers.get("access-control-allow-origin")).toBe("*");
  });
});
