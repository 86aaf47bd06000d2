import type { Clock } from "@sluice/retry";

/** How a step is ended. */
export interface StepEnd {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds that it may go on after an abort. */
  readonly cleanupTimeout: number;
  readonly clock: Clock;
}

/**
 * Runs a step of the caller's. On an abort it is waited for, since nobody else may take up the job while it goes on; when
 * it takes too long, the promise rejects with the signal's reason, and however the step ends is ignored.
 *
 * @param patient whether the step sees the abort only then: for the sake of its answer
 */
export function runStep<T>(
  step: (signal: AbortSignal) => Promise<T>,
  { signal, cleanupTimeout, clock }: StepEnd,
  patient: boolean,
): Promise<T> {
  const stop = new AbortController();
  let timer: unknown;
  let onAbort = (): void => {};
  return new Promise<T>((resolve, reject) => {
    onAbort = () => {
      const giveUp = (): void => {
        reject(signal?.reason);
        stop.abort(signal?.reason);
      };
      timer = clock.setTimeout(giveUp, cleanupTimeout);
      if (!patient) stop.abort(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    // Async for the sake of a step that throws synchronously.
    (async () => step(stop.signal))().then(resolve, reject);
  }).finally(() => {
    signal?.removeEventListener("abort", onAbort);
    clock.clearTimeout(timer);
  });
}
