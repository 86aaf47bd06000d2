import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import { OneAI as Sdk } from "oneai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type OneAi, oneai } from "./index.ts";

/** A request as it arrived. */
interface Arrived {
  readonly request: string;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

/**
 * What ours may say otherwise than the SDK's does, and why. All else is the same, byte for byte.
 * - user-agent: theirs has an id that is the same for all who installed it. Ours says nothing.
 * - accept: ours wants JSON, as the documentation's curl does; theirs takes anything.
 * - accept-encoding: ours wants the reply as it is.
 * - connection: theirs opens a connection for each request, ours keeps it.
 */
const ALLOWED = ["user-agent", "accept", "accept-encoding", "connection"];

const output = { text_generated_by_step_id: 0, text: "x", contents: [{ utterance: "x" }], labels: [] };
const result = {
  input_text: "x",
  input: [{ utterance: "x" }],
  status: "success",
  error: null,
  output: [output, output],
  stats: {},
};
const key = "11111111-2222-4333-8444-555555555555";
const folder = mkdtempSync(join(tmpdir(), "oneai-sdk-"));
let server: Server;
let arrived: Arrived[] = [];
let ours: OneAi;
let theirs: Sdk;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString("latin1");
    const headers = { ...request.headers } as Record<string, unknown>;
    for (const name of ALLOWED) delete headers[name];
    arrived.push({ request: `${request.method} ${request.url}`, headers, body });
    response.setHeader("content-type", "application/json");
    const task = { task_id: "075f954c-e1d7-4b80-b24d-e460fd266c2c" };
    const isAsync = request.url?.includes("/async") === true;
    const done = { ...task, status: "COMPLETED", result };
    const answer = !isAsync ? result : request.method === "GET" ? done : { ...task, status: "QUEUED" };
    response.end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ours = oneai({ apiKey: key, baseUrl });
  theirs = new Sdk(key, { baseURL: baseUrl });
  theirs.logger.enabled = false;
});
beforeEach(() => {
  arrived = [];
});
afterAll(async () => {
  await ours[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  server.closeAllConnections();
  server.close();
});

/** What both send for the same call. */
async function both(own: () => Promise<unknown>, sdk: () => Promise<unknown>): Promise<Arrived[]> {
  arrived = [];
  await own();
  const mine = arrived;
  arrived = [];
  await sdk();
  expect(mine).toEqual(arrived);
  return mine;
}

const pipeline = (skill: "keywords" | "transcribe" | "summarize") => new theirs.Pipeline(theirs.skills[skill]());
const quick = { interval: 0.001 };
const recorded =
  '{"input":"hello","input_type":"article","output_type":"json","multilingual":false,"steps":[{"skill":"keywords","params":{}}]}';

describe("the same as the SDK, and as recorded", () => {
  test("a text", async () => {
    const [request] = await both(
      () => ours.run(["keywords"], "hello"),
      () => pipeline("keywords").run("hello"),
    );
    expect(request?.request).toBe("POST /api/v0/pipeline");
    expect(request?.body).toBe(recorded);
    expect(request?.headers).toMatchObject({
      "api-key": key,
      "content-type": "application/json",
      "content-length": String(recorded.length),
    });
  });

  test("a text, asynchronously, and the look at its task", async () => {
    const [request, look] = await both(
      () => ours.run("keywords", "hello", { mode: "async", interval: 1 }),
      () => pipeline("keywords").run("hello", { sync: false, ...quick }),
    );
    expect(request?.request).toBe("POST /api/v0/pipeline/async");
    expect(request?.body).toBe(recorded);
    expect(look?.request).toBe("GET /api/v0/pipeline/async/tasks/075f954c-e1d7-4b80-b24d-e460fd266c2c");
  });

  test("a text that is not ASCII, with params and languages", async () => {
    const params = { min_length: 5, max_length: 20 };
    const [request] = await both(
      () => ours.run([{ skill: "summarize", params }], "Größe “文” \u2028", { multilingual: { enabled: true } }),
      () =>
        new theirs.Pipeline(theirs.skills.summarize(params)).run("Größe “文” \u2028", {
          multilingual: { enabled: true },
        } as object),
    );
    expect(request?.body).toContain('"multilingual":{"enabled":true},"steps":[{"skill":"summarize","params":{"min');
  });

  test("a conversation", async () => {
    const conversation = [{ speaker: "A", utterance: "hi" }];
    const [request] = await both(
      () => ours.run(["keywords"], conversation),
      () => pipeline("keywords").run(conversation),
    );
    expect(request?.body).toBe(
      '{"input":[{"speaker":"A","utterance":"hi"}],"input_type":"conversation","output_type":"json","content_type":"application/json","multilingual":false,"steps":[{"skill":"keywords","params":{}}]}',
    );
  });

  test("a URL", async () => {
    const url = "https://storage.example/bucket/object?access-token=some-token";
    const [request] = await both(
      () => ours.start(["keywords"], new URL(url)),
      () => pipeline("keywords").run(url, { sync: false, polling: false }),
    );
    expect(request?.body).toContain(`"input":"${url}"`);
  });

  test("a file, of every kind that the SDK knows", async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => index);
    for (const extension of ["json", "txt", "srt", "mp3", "mp4", "wav", "html", "csv", "pdf"]) {
      const path = join(folder, `a.${extension}`);
      writeFileSync(path, bytes);
      const [request] = await both(
        () => ours.start(["transcribe"], file(path)),
        () => pipeline("transcribe").runFile(path, { polling: false }),
      );
      expect(request?.headers).toMatchObject({ "content-type": "application/json", "content-length": "1000" });
      if (extension !== "mp3") continue;
      expect(request?.request).toBe(
        "POST /api/v0/pipeline/async/file?pipeline=%7B%22input_type%22%3A%22conversation%22%2C%22output_type%22%3A%22json%22%2C%22content_type%22%3A%22audio%2Fmp3%22%2C%22multilingual%22%3Afalse%2C%22steps%22%3A%5B%7B%22skill%22%3A%22transcribe%22%2C%22params%22%3A%7B%7D%7D%5D%7D",
      );
    }
  });

  test("a query with what needs escaping", async () => {
    const params = { text: "it's (100 %) *~! ü + &=#" };
    const path = join(folder, "b.wav");
    writeFileSync(path, "RIFF");
    await both(
      () => ours.start([{ skill: "transcribe", params }], file(path)),
      () => new theirs.Pipeline(theirs.skills.transcribe(params as object)).runFile(path, { polling: false }),
    );
  });

  test("a file of voice or a document inside of JSON", async () => {
    for (const extension of ["mp3", "mp4", "wav", "pdf"]) {
      const path = join(folder, `c.${extension}`);
      writeFileSync(path, "RIFF");
      const [request] = await both(
        () => ours.run(["transcribe"], file(path), { mode: "sync" }),
        () => pipeline("transcribe").runFile(path, { sync: true }),
      );
      expect(request?.body).toMatch(/^\{"input":"UklGRg==","encoding":"base64","input_type":/);
    }
  });

  test("a table, with what is read of it", async () => {
    const text = '{"input":"YSxi","encoding":"base64","csv_params":{"columns":[true],"skip_rows":1,"max_rows":5},';
    await ours.run(["keywords"], bytesSource(new TextEncoder().encode("a,b"), { name: "a.csv" }), {
      mode: "sync",
      csv: { columns: [true], skipRows: 1, maxRows: 5 },
    });
    expect(arrived[0]?.body.startsWith(text)).toBe(true);
  });
});

/** Where ours is meant to differ. */
describe("other than the SDK", () => {
  test("a text file inside of JSON is base64, too: a byte that is no UTF-8 stays what it is", async () => {
    await ours.run(["keywords"], bytesSource(Uint8Array.of(0xff), { name: "a.txt" }));
    expect(arrived[0]?.body).toMatch(/^\{"input":"\/w==","encoding":"base64",/);
  });

  test("a URL's extension tells its content type, as the documentation's example does", async () => {
    await ours.start(["transcribe"], new URL("https://storage.example/a.wav?t=1"));
    expect(arrived[0]?.body).toContain('"input_type":"conversation","output_type":"json","content_type":"audio/wav"');
  });
});
