import type { Prediction } from "./api-objects.ts";
import type { CreatePrediction, PredictionCalls } from "./prediction-calls.ts";

/**
 * Creates a prediction. On an abort the answer to a request that is on its way is waited for, since it alone says what
 * is to be cancelled: a request that was cut off may have made a prediction that nobody knows of, and that is paid for.
 */
export async function createPrediction(
  calls: PredictionCalls,
  model: string,
  request: CreatePrediction,
): Promise<Prediction> {
  const { signal, cleanupTimeout = 5_000 } = request;
  if (!(typeof cleanupTimeout === "number" && cleanupTimeout >= 0)) {
    throw new RangeError(`Cannot create a prediction: "cleanupTimeout" must be 0 or more, received ${cleanupTimeout}`);
  }
  signal?.throwIfAborted();
  const cut = new AbortController();
  // Between two attempts nothing is at the server.
  let resting = false;
  const answer = calls.create(model, request, {
    signal: cut.signal,
    onRetry: () => {
      resting = true;
    },
    onSent: () => {
      resting = false;
    },
  });
  if (signal === undefined) return answer;

  const aborted = Promise.withResolvers<"aborted">();
  const onAbort = () => aborted.resolve("aborted");
  signal.addEventListener("abort", onAbort);
  try {
    const first = await Promise.race([answer, aborted.promise]);
    if (first !== "aborted" && !signal.aborted) return first;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  answer.catch(() => {});
  if (resting) cut.abort(signal.reason);
  else await cleanUp(calls, answer, cut, cleanupTimeout, request.onEvent);
  throw signal.reason;
}

async function cleanUp(
  calls: PredictionCalls,
  answer: Promise<Prediction>,
  cut: AbortController,
  cleanupTimeout: number,
  onEvent: CreatePrediction["onEvent"],
): Promise<void> {
  let id: string | undefined;
  const limit = new Error(`no answer within ${cleanupTimeout} ms ("cleanupTimeout")`);
  const timer = setTimeout(() => cut.abort(limit), cleanupTimeout);
  try {
    ({ id } = await answer);
    await calls.cancel(id, { signal: cut.signal });
    onEvent?.({ type: "cleanup", done: true, id });
  } catch (error) {
    // What the server has certainly not got, or refused, needs no cancelling.
    const { reached, status } = Object(error) as { reached?: boolean; status?: number };
    const nothing = id === undefined && (reached === false || (status !== undefined && status < 500));
    onEvent?.({ type: "cleanup", done: nothing, id, ...(nothing ? {} : { error }) });
  } finally {
    clearTimeout(timer);
  }
}
