import type { IncomingHttpHeaders } from "node:http";
import type { FaultAction } from "./fault-rule.ts";
import type { ProviderName } from "./provider.ts";

/** One request, as the emulator saw it. */
export interface RequestRecord {
  /** What the reply carries as its request id, where the provider has one. */
  readonly id: string;
  readonly at: Date;
  readonly method: string;
  /** With the query; values that look like credentials are hidden. */
  readonly path: string;
  readonly provider: ProviderName | undefined;
  /** The route's name, such as `uploads.parts.create`; undefined where none matched. */
  readonly route: string | undefined;
  /** In lower case; credentials are replaced by `hidden`. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** The fault that was applied, if one was. */
  readonly fault: FaultAction | undefined;
  /** Bytes of the body that arrived. */
  bytesReceived: number;
  /** Undefined until a reply is sent, and where none ever was. */
  status: number | undefined;
  /** `reset` by a fault, `aborted` by the client or by `close`. */
  outcome: "open" | "answered" | "reset" | "aborted";
}

const SECRET_HEADERS = /^(authorization|proxy-authorization|cookie|set-cookie|.*api[-_]?key|.*token|.*secret)$/;
const SECRET_QUERY = /key|token|secret|signature|password|credential/i;
const HIDDEN = "hidden";

/** The headers of a request with every credential replaced. */
export function withoutCredentials(headers: IncomingHttpHeaders): RequestRecord["headers"] {
  const kept: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) kept[name] = SECRET_HEADERS.test(name) ? HIDDEN : value;
  }
  return kept;
}

/** Path and query with the value of every parameter that looks like a credential replaced. */
export function pathOf(url: URL): string {
  const query = new URLSearchParams(url.search);
  const secrets = [...new Set(query.keys())].filter((name) => SECRET_QUERY.test(name));
  if (secrets.length === 0) return url.pathname + url.search;
  for (const name of secrets) query.set(name, HIDDEN);
  return `${url.pathname}?${query}`;
}

/** Adds a record, and forgets the oldest beyond `limit`. */
export function logRequest(log: RequestRecord[], record: RequestRecord, limit: number): void {
  log.push(record);
  if (log.length > limit) log.splice(0, log.length - limit);
}
