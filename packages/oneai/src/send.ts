import { encodeBase64 } from "@sluice/base64";
import type { AcceptOptions, Reference, Sendable } from "@sluice/http/provider";
import { collectBytes } from "@sluice/streams";
import { TooLargeError } from "@sluice/uploader";
import { checkChoice, checkLimit } from "./choose-way.ts";
import { openInput } from "./input.ts";
import { NeedsStepsError } from "./needs-steps-error.ts";

/** How something is sent by itself. */
export interface SendOptions extends AcceptOptions {
  /** Bytes up to which a file becomes base64. @default the client's */
  base64Limit?: number | undefined;
  /** The most bytes of a file. @default no limit */
  maxBytes?: number | undefined;
  /** Forces a way. @default "url" for a URL that OneAI can reach */
  method?: "url" | "base64" | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * What to give to a pipeline as its `input`: a URL as it is, a small file as base64.
 *
 * @throws {NeedsStepsError} for more bytes: OneAI keeps no files.
 */
export async function send(
  input: Sendable,
  settings: { readonly baseUrl: URL; readonly base64Limit: number },
  options: SendOptions,
): Promise<Reference> {
  const action = "send to OneAI";
  const { maxBytes, method, signal, base64Limit: limit = settings.base64Limit } = options;
  checkLimit(action, "base64Limit", limit);
  if (maxBytes !== undefined) checkLimit(action, "maxBytes", maxBytes);
  checkChoice(action, "method", method, ["url", "base64"]);
  const opened = await openInput(input, options, settings.baseUrl);
  if ("url" in opened) {
    const reason = "a URL is fetched by OneAI itself; no byte passes through here";
    const size = opened.size === undefined ? {} : { size: opened.size };
    return { value: opened.url.href, method: "url", reason, ...size };
  }
  const { source, close, because } = opened;
  try {
    const { size, name = "upload" } = source;
    if (size !== undefined && size > limit) throw new NeedsStepsError(name, size, limit);
    const most = Math.min(limit, maxBytes ?? Infinity);
    const bytes = await collectBytes(source.stream({ signal }), { limit: most, signal }).catch((error: unknown) => {
      const { code, received } = Object(error) as { code?: unknown; received?: number };
      if (code !== "too-large" || received === undefined) throw error;
      throw most === limit ? new NeedsStepsError(name, size, limit) : new TooLargeError(name, "OneAI", received, most);
    });
    const reason = `it has at most ${limit} bytes ("base64Limit")${because === undefined ? "" : `; ${because}`}`;
    return { value: encodeBase64(bytes), method: "base64", size: bytes.byteLength, reason };
  } finally {
    await close();
  }
}
