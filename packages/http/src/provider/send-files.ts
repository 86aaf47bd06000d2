import { mapValues } from "./map-values.ts";
import { isSendable, type Sendable } from "./sendable.ts";

type Input = Readonly<Record<string, unknown>>;

/**
 * Sends all that can be sent in an input, some at once, and puts what it became in its place. The first failure stops
 * the others.
 *
 * @throws {RangeError} for a concurrency that is none.
 */
export async function sendFiles(
  input: Input,
  concurrency: number,
  signal: AbortSignal | undefined,
  send: (file: Sendable, signal: AbortSignal) => Promise<string>,
): Promise<Input> {
  if (!(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new RangeError(`Cannot run a model: "concurrency" must be an integer of at least 1, received ${concurrency}`);
  }
  const sent = await sendAll(findFiles(input), concurrency, signal, send);
  return mapValues(input, (value) => sent.get(value) ?? value) as Input;
}

/** All that can be sent in an input; what stands there twice goes once. */
function findFiles(input: unknown): Set<Sendable> {
  const files = new Set<Sendable>();
  mapValues(input, (value) => {
    if (!isSendable(value)) return value;
    files.add(value);
    return undefined;
  });
  return files;
}

async function sendAll(
  files: ReadonlySet<Sendable>,
  concurrency: number,
  signal: AbortSignal | undefined,
  send: (file: Sendable, signal: AbortSignal) => Promise<string>,
): Promise<Map<unknown, string>> {
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const values = new Map<unknown, string>();
  const queue = files.values();
  const work = async () => {
    for (const file of queue) {
      either.throwIfAborted();
      values.set(file, await send(file, either));
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, files.size) }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort(error);
    // Nothing may touch a source after the promise has rejected.
    await Promise.allSettled(workers);
    throw signal?.aborted ? signal.reason : error;
  }
  return values;
}
