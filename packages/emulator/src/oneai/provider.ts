import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import { PREFIXES, type Provider } from "../provider.ts";
import { Pulse } from "../pulse.ts";
import type { FileShelf } from "../stored-files.ts";
import { errorReply, OneAiError, ofStatus } from "./errors.ts";
import { pipelineRoutes } from "./pipelines.ts";
import type { Schema } from "./script.ts";

/** How the OneAI part of the emulator behaves where a test wants to say so, or the service's own way is not known. */
export interface OneAiOptions {
  /** The one key that is accepted; without it, any is. */
  apiKey?: string;
  /**
   * How long a task is queued, in milliseconds of the emulator's clock.
   *
   * @default 20
   */
  start?: number;
  /**
   * How long it runs, and a call that waits for its result takes.
   *
   * @default 50
   */
  run?: number;
  /**
   * The form of results: the documentation's, the SDK's, or both at once.
   *
   * @default "both"
   */
  schema?: Schema;
  /**
   * Where a failed task has its error: in `error` as documented, in `result` where the SDKs look, or in both.
   *
   * @default "both"
   */
  errorAt?: "both" | "error" | "result";
  /**
   * The HTTP status of the answer that names a task.
   *
   * @default 200
   */
  acceptedStatus?: 200 | 202;
  /**
   * Whether voice without `transcribe` (40011), `transcribe` of what is no voice (40003), and PDF and CSV in a call that
   * waits for its result (40005) are refused.
   *
   * @default false
   */
  strict?: boolean;
}

/** What the provider shares with the rest of the emulator. */
export interface OneAiServices {
  readonly clock: Clock;
  readonly bytes: ByteStore;
  readonly shelf: FileShelf;
}

/** OneAI's pipelines and their tasks. */
export function oneaiProvider({ clock, bytes, shelf }: OneAiServices, options: OneAiOptions): Provider {
  const {
    apiKey,
    start = 20,
    run = 50,
    schema = "both",
    errorAt = "both",
    acceptedStatus = 200,
    strict = false,
  } = options;
  const pulse = new Pulse();
  const judge = { habits: { start, run, schema, errorAt }, strict };
  return {
    name: "oneai",
    prefix: PREFIXES.oneai,
    routes: pipelineRoutes({ bytes, shelf, clock, pulse, judge, acceptedStatus }),
    authorize({ request }) {
      const key = request.headers["api-key"];
      if (key === undefined || key === "") throw new OneAiError(60001, 'Send it as the header "api-key"');
      if (apiKey !== undefined && key !== apiKey) throw new OneAiError(60002);
    },
    headers: ({ record }) => ({ "x-oneai-request-id": record.id }),
    failed: errorReply,
    refused: (status, message, _retryAfter, requestId = "") => errorReply(ofStatus(status, message), requestId),
    softError(code, message, requestId = "") {
      const error = new OneAiError(code, "", { message }).body(requestId);
      return { status: 200, json: { status: "FAILED", error, result: error, output: [] } };
    },
    noRoute(method, path, allowed, requestId) {
      if (allowed.length === 0) return errorReply(ofStatus(404, `There is nothing at ${method} ${path}`), requestId);
      const reply = errorReply(ofStatus(405, `${method} is not allowed at ${path}`), requestId);
      return { ...reply, headers: { allow: allowed.join(", ") } };
    },
    close: () => pulse.close(),
  };
}
