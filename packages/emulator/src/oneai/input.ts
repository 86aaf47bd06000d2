import { Base64Sink } from "../base64-sink.ts";
import type { Stored } from "../byte-sink.ts";
import type { ByteStore } from "../byte-store.ts";
import { LongString, type TextSink } from "../large-json.ts";
import { OneAiError } from "./errors.ts";
import { isRecord, type Pipeline } from "./pipeline-request.ts";

/** What a pretend skill saw of its input. */
export interface SeenInput {
  readonly via: "text" | "conversation" | "base64" | "url" | "file";
  readonly type: string | null;
  readonly size: number | null;
  readonly sha256: string | null;
  readonly md5: string | null;
}

/** An input and what there is to show of it. */
export interface Input {
  readonly seen: SeenInput;
  /** Undefined where it is not text. */
  readonly text: string | undefined;
  /** Undefined where it is no conversation. */
  readonly utterances: readonly Utterance[] | undefined;
}

export interface Utterance {
  readonly utterance: string;
  readonly speaker?: string;
  readonly timestamp?: string;
}

/** A long string, read both as text and as base64: what it is stands behind it. */
export interface LongInput {
  readonly text: Stored;
  /** Undefined where it is not base64. */
  readonly decoded: Stored | undefined;
}

/** Media types whose bytes no JSON string can hold as they are. */
const BINARY = /^(audio|video|image)\/|\/pdf\b/i;
const WEB_ADDRESS = /^https?:\/\/\S+$/i;

/** Takes a long string of a body. */
export function inputSink(bytes: ByteStore): TextSink<LongInput> {
  const text = bytes.openDigest();
  let base64: Base64Sink | undefined = new Base64Sink(bytes.openDigest());
  const noBase64 = () => {
    base64?.abort();
    base64 = undefined;
  };
  const decode = (chunk: Buffer): Promise<void> | undefined => {
    try {
      return base64?.write(chunk)?.catch(noBase64);
    } catch {
      noBase64();
      return undefined;
    }
  };
  return {
    write(chunk) {
      const waits = [text.write(chunk), decode(chunk)].filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
    finish: async () => ({
      text: await text.finish(),
      decoded: await base64?.finish().catch(() => {
        noBase64();
        return undefined;
      }),
    }),
    abort() {
      text.abort();
      noBase64();
    },
  };
}

/** The address in the `input` of a request, where it is one. */
export function addressIn(input: unknown, { encoding }: Pipeline): URL | undefined {
  const isAddress = typeof input === "string" && encoding === undefined && WEB_ADDRESS.test(input);
  return (isAddress && URL.parse(input)) || undefined;
}

/** Reads the `input` of a request that is no address. Rejects with what is wrong with it. */
export async function readInput(
  input: unknown,
  { encoding, contentType, inputType }: Pipeline,
  bytes: ByteStore,
): Promise<Input> {
  if (Array.isArray(input)) return readConversation(input, bytes);
  if (typeof input !== "string" && !(input instanceof LongString)) {
    throw new OneAiError(40008, '"input" must be a string or a list of utterances');
  }
  if (input === "") throw new OneAiError(40002);
  const read = input instanceof LongString ? (input.result as LongInput) : await readShort(input, bytes);
  const type = contentType ?? null;
  if (encoding === "base64" || (encoding === undefined && read.decoded && BINARY.test(type ?? ""))) {
    if (read.decoded === undefined) throw new OneAiError(40008, '"input" is not base64');
    if (read.decoded.size === 0) throw new OneAiError(40002);
    return { seen: seenAs("base64", type, read.decoded), text: undefined, utterances: undefined };
  }
  const text = typeof input === "string" ? input : `${input.beginning}…`;
  const utterances = inputType === "conversation" ? [{ speaker: "", utterance: text }] : undefined;
  return { seen: seenAs("text", type ?? "text/plain", read.text), text, utterances };
}

/** What is known of a body that was sent as it is. */
export function fileInput(stored: Stored, contentType: string | undefined): Input {
  if (stored.size === 0) throw new OneAiError(40002);
  return { seen: seenAs("file", contentType ?? null, stored), text: undefined, utterances: undefined };
}

async function readConversation(items: readonly unknown[], bytes: ByteStore): Promise<Input> {
  if (items.length === 0) throw new OneAiError(40002);
  const utterances = items.map((item, index) => {
    if (isRecord(item) && typeof item["utterance"] === "string") return item as unknown as Utterance;
    throw new OneAiError(40004, `"input[${index}].utterance" must be a string`);
  });
  const { text } = await readShort(JSON.stringify(items), bytes);
  const lines = utterances.map(({ speaker, utterance }) => (speaker ? `${speaker}: ${utterance}` : utterance));
  return { seen: seenAs("conversation", "application/json", text), text: lines.join("\n"), utterances };
}

async function readShort(text: string, bytes: ByteStore): Promise<LongInput> {
  const sink = inputSink(bytes);
  await sink.write(Buffer.from(text));
  return sink.finish();
}

/** Fetches what is at an address, of this machine alone: the emulator has no business elsewhere. */
export async function download(
  url: URL,
  { contentType: type = null }: { contentType?: string | null | undefined },
  bytes: ByteStore,
  signal: AbortSignal,
): Promise<Input> {
  const { hostname } = url;
  const nothing = { text: undefined, utterances: undefined };
  if (hostname !== "localhost" && hostname !== "[::1]" && !/^127(\.\d+){3}$/.test(hostname)) {
    return { ...nothing, seen: { via: "url", type, size: null, sha256: null, md5: null } };
  }
  const where = `${url.origin}${url.pathname}`;
  // Without the error's own words, which may have the whole address in them.
  const reply = await fetch(url, { signal }).catch(() => {
    throw new OneAiError(50001, `${where}: no answer`);
  });
  if (!reply.ok || reply.body === null) {
    await reply.body?.cancel();
    throw new OneAiError(50001, `${where}: HTTP ${reply.status}`);
  }
  const sink = bytes.openDigest();
  try {
    for await (const chunk of reply.body) await sink.write(chunk);
  } catch {
    sink.abort();
    throw new OneAiError(50001, `${where}: the answer broke off`);
  }
  return { ...nothing, seen: seenAs("url", type ?? reply.headers.get("content-type"), await sink.finish()) };
}

function seenAs(via: SeenInput["via"], type: string | null, { size, digests }: Stored): SeenInput {
  return { via, type, size, sha256: digests?.sha256 ?? null, md5: digests?.md5 ?? null };
}
