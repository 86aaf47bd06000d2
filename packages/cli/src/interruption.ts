import { EXIT } from "./exit-code.ts";

/** Somebody has pressed Ctrl-C, or the system wants the process to end. */
class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly code = "interrupted";

  constructor() {
    super("Interrupted");
  }
}

/** The first signal stops the work and lets it clean up; the second ends the process at once. */
export function interruption(onFirst: () => void): AbortSignal {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(EXIT.interrupted);
      onFirst();
      stop.abort(new InterruptedError());
    });
  }
  return stop.signal;
}
