import type { StreamPair, StreamsOption } from "@sluice/streams";
import type { PipelineInput } from "./input.ts";
import type { PipelineResult } from "./pipeline-result.ts";
import type { RunOptions } from "./run.ts";

/** How many inputs are run. */
export interface BatchOptions extends Omit<RunOptions, "onProgress" | "onStarted" | "onSnapshot">, StreamsOption {
  /** Runs at once, an integer of at least 1. The service answers 429 to too many. @default 2, as the official clients */
  concurrency?: number | undefined;
  /** Inputs that are accepted before outcomes are read, those of them included. @default `concurrency` */
  inFlight?: number | undefined;
}

/** How it went with one input. */
export type BatchOutcome<Input extends PipelineInput = PipelineInput> =
  | { readonly index: number; readonly input: Input; readonly ok: true; readonly result: PipelineResult }
  | { readonly index: number; readonly input: Input; readonly ok: false; readonly error: unknown };

/** Inputs in, outcomes out, as they are had. */
export type Batch = StreamPair<PipelineInput, BatchOutcome>;

/** A stage that runs the same steps on every input. A failure is an outcome, and ends nothing else. */
export function runBatch(
  run: (input: PipelineInput, options: RunOptions) => Promise<PipelineResult>,
  { concurrency = 2, inFlight = concurrency, streams = globalThis, signal, ...options }: BatchOptions = {},
): Batch {
  for (const [name, value] of Object.entries({ concurrency, inFlight })) {
    if (Number.isInteger(value) && value >= 1) continue;
    const Kind = typeof value === "number" ? RangeError : TypeError;
    throw new Kind(`Cannot run a batch: "${name}" must be an integer of at least 1, received ${String(value)}`);
  }
  const { ReadableStream, WritableStream } = streams as typeof globalThis;
  for (const made of [typeof ReadableStream, typeof WritableStream]) {
    if (made === "function") continue;
    throw new TypeError(`Cannot run a batch: "streams" must have both constructors, received ${made}`);
  }
  const stop = new AbortController();
  const waiting: (() => Promise<void>)[] = [];
  const running = new Set<Promise<void>>();
  let output!: ReadableStreamDefaultController<BatchOutcome>;
  let input!: WritableStreamDefaultController;
  let count = 0;
  let over = false;
  let ended: unknown;
  /** Lets a write go on that waits for room, or a close that waits for the last run. */
  let resume: (() => void) | undefined;

  const until = async (ready: () => boolean): Promise<void> => {
    while (!over && !ready()) {
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    }
  };
  const fill = (): void => {
    for (let next = waiting[0]; next && !over && running.size < concurrency; next = waiting[0]) {
      waiting.shift();
      const flight = next().finally(() => {
        running.delete(flight);
        fill();
        resume?.();
      });
      running.add(flight);
    }
  };
  const finish = (): void => {
    over = true;
    resume?.();
    signal?.removeEventListener("abort", onAbort);
  };
  /** Ends all runs; nothing reads a source any more when it resolves. */
  const end = async (reason: unknown, byWriter = false): Promise<void> => {
    if (!over) {
      ended = reason;
      finish();
      waiting.length = 0;
      stop.abort(reason);
      // An abort of a stream that has failed before would reject.
      if (!byWriter) input.error(reason);
      output.error(reason);
    }
    await Promise.all(running);
  };
  const onAbort = (): void => void end(signal?.reason);

  const one = async (index: number, given: PipelineInput): Promise<void> => {
    const outcome = await run(given, { ...options, signal: stop.signal }).then(
      (result) => ({ index, input: given, ok: true as const, result }),
      (error: unknown) => ({ index, input: given, ok: false as const, error }),
    );
    if (!over) output.enqueue(outcome);
  };
  const readable = new ReadableStream<BatchOutcome>(
    {
      start(controller) {
        output = controller;
      },
      pull: () => resume?.(),
      cancel: (reason) => end(reason),
    },
    // Never more than this is put into it: `write` counts what is queued here among what is in flight.
    { highWaterMark: inFlight },
  );
  const writable = new WritableStream<PipelineInput>({
    start(controller) {
      input = controller;
      // `abort` below is called only when the write or the close under way has settled.
      controller.signal.addEventListener("abort", () => end(controller.signal.reason, true));
    },
    async write(given) {
      await until(() => running.size + waiting.length < (output.desiredSize ?? 0));
      if (over) throw ended;
      const index = count;
      count += 1;
      waiting.push(() => one(index, given));
      fill();
    },
    async close() {
      await until(() => running.size + waiting.length === 0);
      if (over) throw ended;
      finish();
      output.close();
    },
    abort: (reason) => end(reason, true),
  });
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  return { readable, writable };
}
