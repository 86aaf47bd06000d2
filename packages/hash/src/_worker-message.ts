import type { Algorithm } from "./algorithm.ts";
import type { HashState } from "./hash-state.ts";

/** What the calling thread sends to a worker. */
export type WorkerOrder =
  | { kind: "start"; algorithm: Algorithm; resumable: boolean; from: HashState | undefined }
  /** The buffer is lent, and comes back with `free`. */
  | { kind: "block"; buffer: ArrayBuffer; size: number }
  | { kind: "save" }
  | { kind: "digest" };

/** What it sends back; `state` and `digest` in the order in which they were asked for. */
export type WorkerReport =
  | { kind: "ready"; engine: string }
  | { kind: "free"; buffer: ArrayBuffer }
  | { kind: "state"; state: HashState }
  | { kind: "digest"; bytes: Uint8Array }
  | { kind: "failed"; error: unknown };
