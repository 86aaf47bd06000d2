import type { Prepared } from "./input.ts";
import { isSlow } from "./media.ts";

/** Whether the result is waited for in the request itself, or a task is made and followed. */
export type Mode = "sync" | "async";

/** How an input goes, and why, in words for people. */
export interface Way {
  readonly mode: Mode;
  readonly method: "text" | "conversation" | "url" | "base64" | "upload";
  readonly reason: string;
}

/** What may be asked for. */
export interface WayOptions {
  /**
   * Whether the result is waited for in the request itself, or a task is made and followed.
   * @default "sync" for texts, conversations and small files; "async" for URLs, voice, video, PDF, tables and large files
   */
  mode?: Mode | undefined;
  /** Bytes up to which a file goes inside of JSON, as base64, unless it is of a kind that takes long. @default the client's */
  base64Limit?: number | undefined;
}

/** Decides how an input goes. */
export function chooseWay(
  prepared: Prepared,
  { mode, method, base64Limit }: { mode: Mode | undefined; method: string | undefined; base64Limit: number },
): Way {
  if (prepared.kind !== "bytes") {
    const { kind } = prepared;
    const usual = kind === "url" ? "async" : "sync";
    const why = kind === "url" ? "OneAI fetches it by itself; no byte passes through here" : `it is a ${kind}`;
    return { mode: mode ?? usual, method: kind, reason: mode === undefined ? why : `"mode" asks for it` };
  }
  const { source, described, because } = prepared;
  const { size } = source;
  const also = because === undefined ? "" : `; ${because}`;
  if (method === "base64") return { mode: mode ?? "sync", method, reason: `"method" asks for it${also}` };
  if (method === "upload") return { mode: mode ?? "async", method, reason: `"method" asks for it${also}` };
  if (mode === "sync") return { mode, method: "base64", reason: `"mode" asks for it${also}` };
  if (mode === "async") return { mode, method: "upload", reason: `"mode" asks for it${also}` };
  const upload = (reason: string): Way => ({ mode: "async", method: "upload", reason: reason + also });
  if (isSlow(described.contentType)) return upload(`${described.contentType} takes longer than a request should`);
  if (size === undefined) return upload("its size is not known");
  if (size > base64Limit) return upload(`it has more than ${base64Limit} bytes ("base64Limit")`);
  return { mode: "sync", method: "base64", reason: `it has at most ${base64Limit} bytes ("base64Limit")${also}` };
}

/** @throws {TypeError | RangeError} when it is no number from 0 on. */
export function checkLimit(action: string, option: string, limit: unknown): asserts limit is number {
  if (typeof limit !== "number") {
    throw new TypeError(
      `Cannot ${action}: "${option}" must be a number, received ${limit === null ? "null" : typeof limit}`,
    );
  }
  if (!(limit >= 0)) throw new RangeError(`Cannot ${action}: "${option}" must be 0 or more, received ${limit}`);
}

/** @throws {RangeError} when a choice is none of those that there are. */
export function checkChoice(action: string, option: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.includes(value as string)) return;
  const names = choices.map((choice) => JSON.stringify(choice)).join(" or ");
  throw new RangeError(`Cannot ${action}: "${option}" must be ${names}, received ${String(value)}`);
}
