import { type AcceptOptions, checkAccepted, isSendable, openSendable, type Sendable } from "@sluice/http/provider";
import type { ByteSource } from "@sluice/source";
import { TooLargeError } from "@sluice/uploader";
import { unfitUrl } from "./fit-url.ts";
import { inputTypeOf, mediaOf } from "./media.ts";
import type { Described, PipelineOptions, Utterance } from "./pipeline-request.ts";

/** What a pipeline can be run on. A string is a text, whatever file it may name; a conversation is a list. */
export type PipelineInput = string | readonly Utterance[] | Sendable;

/** What is asked of a file before its first byte, and how an address is to be taken. */
export interface InputOptions extends AcceptOptions {
  /** The most bytes of a file. @default no limit */
  maxBytes?: number | undefined;
  /** How a file goes: as its address, inside of JSON, or as it is. @default the way that fits it best */
  method?: "url" | "base64" | "upload" | undefined;
  signal?: AbortSignal | undefined;
}

/** An input, looked at. */
export type Prepared =
  | { readonly kind: "text" | "conversation" | "url"; readonly value: unknown; readonly described: Described }
  | PreparedBytes;

/** An input whose bytes go through here. */
interface PreparedBytes {
  readonly kind: "bytes";
  readonly source: ByteSource;
  readonly described: Described & { readonly contentType: string };
  /** Why they do, where an address could have been handed on. */
  readonly because: string | undefined;
  close(): Promise<void>;
}

/**
 * Looks at an input before anything is sent.
 *
 * @throws {TypeError} for what is no input, and for a file of a kind that is not known and not told.
 * @throws {NotAcceptedError} {TooLargeError} for what `accept` and `maxBytes` leave out.
 */
export async function prepareInput(
  action: string,
  input: PipelineInput,
  options: PipelineOptions & InputOptions,
  baseUrl: URL,
): Promise<Prepared> {
  const { inputType, contentType } = options;
  if (typeof input === "string" || Array.isArray(input)) {
    if (options.method !== undefined) throw new TypeError(`Cannot ${action}: "method" is for files and URLs`);
    const isText = typeof input === "string";
    if (!isText) checkUtterances(action, input);
    const described = isText
      ? { inputType: inputType ?? "article", contentType }
      : { inputType: inputType ?? "conversation", contentType: contentType ?? "application/json" };
    return { kind: isText ? "text" : "conversation", value: input, described };
  }
  if (!isSendable(input)) {
    throw new TypeError(
      `Cannot ${action}: the input must be a text, a list of utterances, a URL, a source, Blob, Uint8Array or stream, received ${input === null ? "null" : typeof input}`,
    );
  }
  const opened = await openInput(input, options, baseUrl);
  if ("url" in opened) return { kind: "url", value: opened.url.href, described: describeUrl(opened.url, options) };
  const { source, close, because } = opened;
  try {
    return { kind: "bytes", source, described: describe(action, source, options), because, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** An address to be handed on, or a source of bytes. */
export type Opened =
  | { readonly url: URL; readonly size?: number }
  | (Pick<PreparedBytes, "source" | "because"> & { close(): Promise<void> });

/** Opens what can be sent, and checks what it is; an address only where there is need to look at it. */
export async function openInput(
  input: Sendable,
  { method, maxBytes, accept, signal, contentType }: InputOptions & Pick<PipelineOptions, "contentType">,
  baseUrl: URL,
): Promise<Opened> {
  signal?.throwIfAborted();
  if (method === "url" && !(input instanceof URL)) {
    throw new TypeError('Cannot send to OneAI: "method" can only be "url" for a URL object');
  }
  const unfit = input instanceof URL ? unfitUrl(input, baseUrl) : undefined;
  const byUrl = input instanceof URL && (method === "url" || (method === undefined && unfit === undefined));
  if (byUrl && accept === undefined && maxBytes === undefined) return { url: input };
  const { source, close } = await openSendable(input, { provider: "OneAI", signal });
  try {
    const { size, name } = source;
    const type = contentType ?? source.type ?? mediaOf(source)?.contentType;
    checkAccepted("OneAI", { name, type }, { accept });
    if (size !== undefined && maxBytes !== undefined && size > maxBytes) {
      throw new TooLargeError(name ?? "upload", "OneAI", size, maxBytes);
    }
    if (byUrl && (size !== undefined || maxBytes === undefined)) {
      await close();
      return { url: input, ...(size !== undefined && { size }) };
    }
    return { source, close, because: byUrl ? "the size of what is at the URL is not known" : unfit };
  } catch (error) {
    await close();
    throw error;
  }
}

function describe(
  action: string,
  source: ByteSource,
  { inputType, contentType }: PipelineOptions,
): PreparedBytes["described"] {
  const known = mediaOf(source);
  if (contentType !== undefined) {
    const suggested = known?.contentType === contentType ? known.inputType : inputTypeOf(contentType);
    return { contentType, inputType: inputType ?? suggested };
  }
  if (known !== undefined) return { contentType: known.contentType, inputType: inputType ?? known.inputType };
  const { name = "the input", type = "of no known type" } = source;
  throw new TypeError(
    `Cannot ${action}: "${name}" is ${type}, for which OneAI documents no content type. Say what it is with "contentType".`,
  );
}

/** What is at an address is the service's to find out, but for what the address tells by itself. */
function describeUrl(url: URL, { inputType, contentType }: PipelineOptions): Described {
  const known = mediaOf({ name: url.pathname });
  const suggested = contentType === undefined ? known?.inputType : inputTypeOf(contentType);
  return { contentType: contentType ?? known?.contentType, inputType: inputType ?? suggested ?? "article" };
}

function checkUtterances(action: string, items: readonly unknown[]): void {
  for (const [index, item] of items.entries()) {
    const { utterance } = Object(item) as Partial<Utterance>;
    if (typeof utterance === "string") continue;
    throw new TypeError(
      `Cannot ${action}: "input[${index}].utterance" must be a string, received ${utterance === null ? "null" : typeof utterance}`,
    );
  }
}
