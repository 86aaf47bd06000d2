import type { ByteStore } from "../byte-store.ts";
import type { Exchange } from "../exchange.ts";
import { readLargeJson } from "../large-json.ts";
import { RequestRefused } from "../request-refused.ts";
import { invalid, ReplicateError } from "./errors.ts";
import { type DataFile, dataUriSink } from "./input-files.ts";

/** A request to create a prediction, checked. */
export interface PredictionRequest {
  readonly model: string;
  readonly version: string;
  readonly deployment: string | undefined;
  /** With a `LongString` in place of each long data URI. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly webhook: string | undefined;
  readonly webhookEvents: readonly string[] | undefined;
  /** Milliseconds that the client waits for the outcome, and how it said so; undefined for not at all. */
  readonly wait: { readonly time: number; readonly applied: string } | undefined;
  readonly cancelAfter: number | undefined;
}

/** The most of a body, long data URIs left aside. */
const LIMIT = 4 * 1024 * 1024;
const LONGEST_WAIT = 60;
const SHORTEST_DEADLINE = 5000;
const LONGEST_DEADLINE = 86_400_000;
const EVENTS: readonly string[] = ["start", "output", "logs", "completed"];
const HASH = /^[0-9a-f]{64}$/;
/** Stands for a version that does not exist. */
const NO_VERSION = "0".repeat(64);

/** What a path says of the model: its owner and name, and whether that is a deployment. */
export interface Addressed {
  readonly name: string;
  readonly isDeployment: boolean;
}

/** Reads and checks a request, of which the path may name the model. */
export async function readPredictionRequest(
  exchange: Exchange,
  bytes: ByteStore,
  addressed: Addressed | undefined,
): Promise<PredictionRequest> {
  const body = await readBody(exchange, bytes);
  const known = ["input", "webhook", "webhook_events_filter", "stream", ...(addressed ? [] : ["version"])];
  const other = Object.keys(body).find((name) => !known.includes(name));
  if (other !== undefined) throw invalid(other, `Additional property ${other} is not allowed`);
  const { version, input, webhook, webhook_events_filter: events, stream } = body;
  if (typeof input !== "object" || input === null || Array.isArray(input)) throw invalid("input", "input is required");
  refuseLeak(input as Record<string, unknown>);
  if (webhook !== undefined && !isWebAddress(webhook)) throw invalid("webhook", "must be an HTTPS URL");
  if (events !== undefined && !(Array.isArray(events) && events.every((event) => EVENTS.includes(event)))) {
    throw invalid("webhook_events_filter", `must be a list of ${EVENTS.join(", ")}`);
  }
  if (stream !== undefined && typeof stream !== "boolean") throw invalid("stream", "must be a boolean");
  const { headers } = exchange.request;
  return {
    ...(addressed ? modelOf(addressed) : modelOfVersion(version)),
    deployment: addressed?.isDeployment ? addressed.name : undefined,
    input: input as Record<string, unknown>,
    webhook: webhook as string | undefined,
    webhookEvents: events as string[] | undefined,
    wait: waitOf(headers["prefer"]),
    cancelAfter: cancelAfterOf(headers["cancel-after"]),
  };
}

async function readBody(exchange: Exchange, bytes: ByteStore): Promise<Record<string, unknown>> {
  const type = exchange.request.headers["content-type"] ?? "";
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(type)) {
    throw new ReplicateError(400, `Failed to parse request body as JSON: the Content-Type is "${type}"`);
  }
  const sinkFor = (beginning: string) => dataUriSink(beginning, bytes);
  const value = await readLargeJson<DataFile>(exchange, { sinkFor, limit: LIMIT }).catch((error: unknown) => {
    if (!(error instanceof RequestRefused)) throw error;
    // A body that is too large has been seen to get the same answer as one that is cut off.
    const why = error.status === 413 || exchange.record.bytesReceived === 0 ? "EOF" : error.message;
    throw new ReplicateError(400, `Failed to parse request body as JSON: ${why}`);
  });
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ReplicateError(400, "Failed to parse request body as JSON: expected an object");
  }
  return value as Record<string, unknown>;
}

/** The official client for JavaScript, told to send data URIs, sends itself instead, its token included. */
function refuseLeak(input: Record<string, unknown>): void {
  if (typeof input["auth"] !== "string" || !("userAgent" in input) || !("baseUrl" in input)) return;
  throw invalid(
    "input.auth",
    'it holds an API token: the client sent itself as the input (fileEncodingStrategy "data-uri" of replicate-javascript)',
  );
}

function modelOf({ name }: Addressed): { model: string; version: string } {
  const [, last = ""] = name.split("/");
  if (last.split("-").includes("missing")) {
    throw new ReplicateError(404, "The requested resource could not be found.");
  }
  return { model: name, version: "hidden" };
}

/** `version` is a hash, `owner/name:hash`, or `owner/name`. */
function modelOfVersion(version: unknown): { model: string; version: string } {
  if (version === undefined) throw invalid("version", "version is required");
  const [, model, hash] = /^([^/:\s]+\/[^/:\s]+)(?::(.+))?$/.exec(String(version)) ?? [];
  const id = model === undefined ? String(version) : hash;
  const missing = model?.split(/[/-]/).includes("missing");
  if (typeof version !== "string" || missing || (id !== undefined && (!HASH.test(id) || id === NO_VERSION))) {
    throw new ReplicateError(
      422,
      "The specified version does not exist (or perhaps you don't have permission to use it?)",
      {
        title: "Invalid version or not permitted",
      },
    );
  }
  return { model: model ?? "sluice/emulated", version: id ?? "hidden" };
}

/** `wait`, or `wait=n` with seconds up to 60; what else a client prefers is ignored. */
function waitOf(prefer: string | string[] | undefined): PredictionRequest["wait"] {
  const [, seconds] = /(?:^|[,;]\s*)wait(?:=(\d+))?\s*(?:$|[,;])/i.exec([prefer ?? ""].flat().join(",")) ?? [
    undefined,
    null,
  ];
  if (seconds === null || Number(seconds) === 0) return undefined;
  const time = Math.min(LONGEST_WAIT, Number(seconds ?? LONGEST_WAIT));
  return { time: time * 1000, applied: seconds === undefined ? "wait" : `wait=${time}` };
}

/** Such as `30s`, `5m` or `1h30m45s`. */
function cancelAfterOf(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const text = String(header);
  const [, hours, minutes, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const time = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000;
  if (time >= SHORTEST_DEADLINE && time <= LONGEST_DEADLINE) return time;
  throw new ReplicateError(422, `Invalid Cancel-After header "${text}": expected a duration from 5s to 24h`);
}

function isWebAddress(value: unknown): boolean {
  return typeof value === "string" && /^https?:$/.test(URL.parse(value)?.protocol ?? "");
}
