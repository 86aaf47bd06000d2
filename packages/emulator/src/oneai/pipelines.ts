import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { readLargeJson } from "../large-json.ts";
import type { Route } from "../provider.ts";
import type { Pulse } from "../pulse.ts";
import type { Reply } from "../reply.ts";
import type { FileShelf } from "../stored-files.ts";
import { OneAiError } from "./errors.ts";
import { addressIn, download, fileInput, type Input, inputSink, type LongInput, readInput } from "./input.ts";
import { isRecord, type Judge, type Pipeline, readPipeline } from "./pipeline-request.ts";
import { type Made, makeResult } from "./result.ts";
import { Task } from "./task.ts";

export interface PipelineServices {
  readonly bytes: ByteStore;
  readonly shelf: FileShelf;
  readonly clock: Clock;
  readonly pulse: Pulse;
  readonly judge: Judge;
  /** The HTTP status of the answer that names a task. */
  readonly acceptedStatus: number;
}

/** What is asked for, and how the input will be had. */
interface Request {
  /** Of the task, if it becomes one, and of the file, if it was one. */
  readonly id: string;
  readonly pipeline: Pipeline;
  input(signal: AbortSignal): Promise<Input>;
}

/** The most of a body, a long input left aside. */
const LIMIT = 8 * 1024 * 1024;
const ROOT = "/api/v0/pipeline";

/** The routes of the pipeline API. */
export function pipelineRoutes(services: PipelineServices): Route[] {
  const tasks = new Map<string, Task>();
  const { clock } = services;
  return [
    {
      name: "pipeline.run",
      method: "POST",
      path: ROOT,
      handle: async (exchange) => answer(exchange, await readJson(exchange, true, services), services),
    },
    {
      name: "pipeline.file",
      method: "POST",
      path: `${ROOT}/file`,
      handle: async (exchange) => answer(exchange, await readFile(exchange, true, services), services),
    },
    {
      name: "pipeline.start",
      method: "POST",
      path: `${ROOT}/async`,
      handle: async (exchange) => start(exchange, await readJson(exchange, false, services), services, tasks),
    },
    {
      name: "pipeline.upload",
      method: "POST",
      path: `${ROOT}/async/file`,
      handle: async (exchange) => start(exchange, await readFile(exchange, false, services), services, tasks),
    },
    {
      name: "tasks.get",
      method: "GET",
      path: `${ROOT}/async/tasks/{task_id}`,
      handle({ params }) {
        const task = tasks.get(params["task_id"] ?? "");
        if (task === undefined) throw new OneAiError(40400, "", { status: 404, message: "The task was not found" });
        const now = clock.now();
        const outcome = task.outcomeAt(now);
        return {
          status: 200,
          json: task.show(now),
          headers: outcome && "made" in outcome ? countsOf(outcome.made) : {},
        };
      },
    },
  ];
}

/** A request whose JSON holds the input. */
async function readJson(exchange: Exchange, sync: boolean, { bytes, judge }: PipelineServices): Promise<Request> {
  const sinkFor = () => inputSink(bytes);
  const body = await readLargeJson<LongInput>(exchange, { sinkFor, limit: LIMIT });
  const pipeline = readPipeline(body, sync, judge);
  const { input } = body as Record<string, unknown>;
  const id = crypto.randomUUID();
  const url = addressIn(input, pipeline);
  if (url !== undefined) return { id, pipeline, input: (signal) => download(url, pipeline, bytes, signal) };
  const read = await readInput(input, pipeline, bytes);
  return { id, pipeline, input: async () => read };
}

/** A request whose body is the input; all else stands in the query. */
async function readFile(
  exchange: Exchange,
  sync: boolean,
  { bytes, shelf, clock, judge }: PipelineServices,
): Promise<Request> {
  const query = exchange.url.searchParams.get("pipeline");
  if (query === null) throw new OneAiError(40008, 'The query has no "pipeline"');
  const pipeline = readPipeline(parse(query), sync, judge);
  const id = crypto.randomUUID();
  const sink = bytes.openFile(`oneai/${id}`);
  try {
    await exchange.body.takeAll((chunk) => {
      const wait = sink.write(chunk);
      return wait === undefined ? true : wait.then(() => true);
    });
  } catch (error) {
    sink.abort();
    throw error;
  }
  const stored = await sink.finish();
  const { size, path, digests } = stored;
  const type = pipeline.contentType ?? "application/octet-stream";
  shelf.add({ id, provider: "oneai", name: id, type, size, path, createdAt: clock.now() }, digests);
  const input = fileInput(stored, pipeline.contentType);
  return { id, pipeline, input: async () => input };
}

function parse(query: string): unknown {
  try {
    const value: unknown = JSON.parse(query);
    if (isRecord(value)) return value;
  } catch {
    // Told below.
  }
  throw new OneAiError(40008, 'The "pipeline" of the query must be a JSON object');
}

/** Answers when the result is there. */
async function answer(exchange: Exchange, request: Request, { clock, pulse }: PipelineServices): Promise<Reply> {
  const { run, never } = request.pipeline.script;
  const created = clock.now().getTime();
  const result = await make(request, pulse.closed);
  // By whichever clock is faster: one that stands still must not hold the client for ever.
  const passed = () => !never && clock.now().getTime() - created >= run;
  await pulse.until(passed, exchange.gone, ...(never ? [] : [AbortSignal.timeout(run)]));
  return { status: 200, headers: countsOf(result), json: result.result };
}

/** Answers with a task. */
function start(exchange: Exchange, request: Request, services: PipelineServices, tasks: Map<string, Task>): Reply {
  const { clock, pulse, acceptedStatus } = services;
  const task = new Task(request.id, request.pipeline.script, clock.now(), exchange.record.id);
  tasks.set(task.id, task);
  // It never rejects: what goes wrong is the outcome.
  void task.work(make(request, pulse.closed), () => clock.now());
  return { status: acceptedStatus, json: { status: "QUEUED", task_id: task.id } };
}

async function make({ pipeline, input }: Request, signal: AbortSignal): Promise<Made> {
  const had = await input(signal);
  if (pipeline.script.fail !== undefined) throw new OneAiError(pipeline.script.fail, "As it was told to");
  return makeResult(had, pipeline);
}

function countsOf({ words, seconds }: Made): Record<string, string> {
  return { "x-oneai-word-count": String(words), "x-oneai-transcribe-seconds-count": String(seconds) };
}
