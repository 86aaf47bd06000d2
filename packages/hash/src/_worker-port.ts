import { builtin } from "./_builtin.ts";

/** One worker, of whichever kind the runtime has. */
export interface WorkerPort {
  post(message: unknown, transfer?: ArrayBuffer[]): void;
  /** Keeps the process alive while something is waited for; a stream that nobody finishes must not. */
  hold(): void;
  release(): void;
  terminate(): Promise<unknown>;
}

interface NodeWorker {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  on(event: "message" | "error" | "exit", listener: (value: never) => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<unknown>;
}

interface WorkerThreads {
  readonly Worker: new (file: URL, options: { execArgv: string[] }) => NodeWorker;
}

/**
 * Starts a worker on `hash-worker`. A failure to load it is reported to `onFailure`, later.
 * @throws whatever the runtime says when it has no workers, or may not start one.
 */
export function openPort(onMessage: (message: unknown) => void, onFailure: (reason: unknown) => void): WorkerPort {
  const threads = builtin<WorkerThreads>("node:worker_threads");
  if (typeof threads?.Worker === "function") return openThread(threads, onMessage, onFailure);
  if (typeof globalThis.Worker === "function") return openWebWorker(onMessage, onFailure);
  throw new Error("This runtime has no workers");
}

function openThread(
  threads: WorkerThreads,
  onMessage: (message: unknown) => void,
  onFailure: (reason: unknown) => void,
): WorkerPort {
  const here = import.meta.url;
  // Beside this file, whether that is the source or what was built of it.
  const file = here.endsWith("/_worker-port.ts")
    ? new URL(here.replace("_worker-port", "hash-worker"))
    : new URL("./hash-worker.js", import.meta.url);
  // Without the flags of the process: `--input-type`, of a program given by `-e`, would stop a worker.
  const worker = new threads.Worker(file, { execArgv: [] });
  worker.on("message", onMessage as (value: never) => void);
  worker.on("error", onFailure as (value: never) => void);
  worker.on("exit", () => onFailure(new Error("The worker has ended")));
  worker.unref();
  let holders = 0;
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold() {
      holders += 1;
      if (holders === 1) worker.ref();
    },
    release() {
      holders -= 1;
      if (holders === 0) worker.unref();
    },
    terminate: () => worker.terminate(),
  };
}

function openWebWorker(onMessage: (message: unknown) => void, onFailure: (reason: unknown) => void): WorkerPort {
  // Written out here, for bundlers recognise no other form.
  const worker = new Worker(new URL("./hash-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => onMessage(data);
  worker.onmessageerror = () => onFailure(new Error("A message of the worker could not be read"));
  worker.onerror = (event) => {
    event.preventDefault();
    onFailure(new Error(`The worker failed: ${event.message || "its script could not be loaded"}`));
  };
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    hold() {},
    release() {},
    async terminate() {
      worker.terminate();
    },
  };
}
