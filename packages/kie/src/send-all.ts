import { isSendable, type Sendable } from "@sluice/http/provider";
import type { KieReference, SendOptions } from "./send-options.ts";

/** One of many that are sent, with options of its own. */
export interface SendItem extends Omit<SendOptions, "signal"> {
  readonly input: Sendable;
}

/** Options of `sendAll`; those of `send` hold for all that have none of their own. */
export interface SendAllOptions extends Omit<SendOptions, "fileName" | "key"> {
  /** Files and URLs in work at once. @default 4 */
  concurrency?: number | undefined;
}

/** How it went with one of them. */
export type SendOutcome =
  | { readonly input: Sendable; readonly ok: true; readonly result: KieReference }
  | { readonly input: Sendable; readonly ok: false; readonly error: unknown };

type Send = (input: Sendable, options: SendOptions) => Promise<KieReference>;

/**
 * Sends many; outcomes come as they are had. A failure is an outcome, and ends nothing else; an abort of `signal` is one
 * of each that had been begun, and then rejects. What is to be sent is taken as there is room for it. Whoever stops
 * iterating aborts what is on its way.
 */
export async function* sendAll(
  send: Send,
  inputs: Iterable<Sendable | SendItem> | AsyncIterable<Sendable | SendItem>,
  { concurrency = 4, signal, ...shared }: SendAllOptions,
): AsyncGenerator<SendOutcome, void, undefined> {
  if (!(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new RangeError(`Cannot send all: "concurrency" must be an integer of at least 1, received ${concurrency}`);
  }
  if ("fileName" in shared && shared.fileName !== undefined) {
    throw new TypeError('Cannot send all: "fileName" must be given for each, or they would overwrite one another');
  }
  const stop = new AbortController();
  const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const iterator = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  /** Outcomes that nobody has taken yet. Each keeps its place among those in work. */
  const settled: SendOutcome[] = [];
  const flights = new Set<Promise<void>>();
  let held = 0;
  let asking = false;
  let over = false;
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => {};

  const begin = (given: Sendable | SendItem): void => {
    const { input, ...own } = isItem(given) ? given : { input: given };
    const flight = send(input, { ...shared, ...own, signal: ended })
      .then(
        (result): SendOutcome => ({ input, ok: true, result }),
        (error: unknown): SendOutcome => ({ input, ok: false, error }),
      )
      .then((outcome) => {
        flights.delete(flight);
        settled.push(outcome);
        wake();
      });
    flights.add(flight);
    held += 1;
  };
  const ask = async (): Promise<void> => {
    asking = true;
    try {
      const step = await iterator.next();
      if (step.done) over = true;
      else if (!ended.aborted) begin(step.value);
    } catch (error) {
      failure = { error };
      over = true;
    }
    asking = false;
    wake();
  };
  ended.addEventListener("abort", () => wake());

  try {
    for (;;) {
      if (!over && !asking && !ended.aborted && held < concurrency) ask();
      const outcome = settled.shift();
      if (outcome !== undefined) {
        held -= 1;
        yield outcome;
      } else if (held === 0 && !asking && over) break;
      else if (held === 0 && ended.aborted) break;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
    signal?.throwIfAborted();
    if (failure !== undefined) throw failure.error;
  } finally {
    stop.abort(new DOMException("Nobody waits for what is sent any more", "AbortError"));
    await Promise.all(flights);
    const closing = over ? undefined : Promise.resolve(iterator.return?.()).catch(() => {});
    // One that is asked and does not answer would not answer to this either.
    if (!asking) await closing;
  }
}

function isItem(given: Sendable | SendItem): given is SendItem {
  return typeof given === "object" && given !== null && !isSendable(given) && "input" in given;
}
