import { Base64Sink } from "../base64-sink.ts";
import type { Digests } from "../byte-job.ts";
import type { ByteSink, Stored } from "../byte-sink.ts";
import type { ByteStore } from "../byte-store.ts";
import { isLoopback } from "../is-loopback.ts";
import { LongString, type TextSink } from "../large-json.ts";
import { invalid } from "./errors.ts";
import type { FileTable } from "./file-table.ts";
import { INSTRUCTION } from "./pretend-model.ts";

/** What a pretend model saw of a file in its input. */
export interface SeenFile {
  /** Where it stood in the input, as a JSON pointer. */
  readonly at: string;
  readonly via: "file" | "data-uri" | "url";
  readonly type: string | null;
  readonly size: number | null;
  readonly sha256: string | null;
  readonly md5: string | null;
}

/** A data URI that was too long to keep, or a short one, once it was read. */
export interface DataFile {
  readonly type: string;
  readonly stored: Stored;
}

export interface InputServices {
  readonly files: FileTable;
  readonly bytes: ByteStore;
  /** Origins at which the emulator itself can be reached. */
  readonly origins: ReadonlySet<string>;
  readonly prefix: string;
  readonly signal: AbortSignal;
}

const DEEPEST = 500;
const DATA_URI = /^data:([^,;]*)((?:;[^,;]*)*),/i;

/** Takes a data URI as it comes; undefined for what is none. Without `;base64` the data is percent-encoded text. */
export function dataUriSink(beginning: string, bytes: ByteStore): TextSink<DataFile> | undefined {
  const match = DATA_URI.exec(beginning);
  if (match === null) return undefined;
  const [{ length }, type = "", parameters = ""] = match;
  const to = bytes.openDigest();
  const sink = /;base64$/i.test(parameters) ? new Base64Sink(to, length) : new PercentSink(to, length);
  return {
    write: (text) => sink.write(text),
    finish: async () => ({ type: type || "text/plain", stored: await sink.finish() }),
    abort: () => sink.abort(),
  };
}

/** Finds the files in an input, and digests them. Rejects with why the model cannot have one. */
export async function readInputFiles(input: unknown, services: InputServices): Promise<SeenFile[]> {
  const seen: SeenFile[] = [];
  for (const [at, value] of leaves(input)) {
    const file = value instanceof LongString ? fromData(value.result) : await fromString(value, services);
    if (file !== undefined) seen.push({ at, ...file });
  }
  return seen;
}

/** What of an input is shown again: data URIs that were too long to keep are cut. */
export function echoOf(input: unknown): unknown {
  return mapLeaves(input, (value) => {
    if (!(value instanceof LongString)) return value;
    return `${value.beginning}… (${(value.result as DataFile).stored.size} bytes)`;
  });
}

async function fromString(text: string, services: InputServices): Promise<Omit<SeenFile, "at"> | undefined> {
  const sink = dataUriSink(text, services.bytes);
  if (sink !== undefined) {
    await sink.write(Buffer.from(text));
    return fromData(await sink.finish());
  }
  if (!/^https?:\/\/\S+$/i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const [, id] = (url.pathname.startsWith(services.prefix) && /\/files\/([^/]+)$/.exec(url.pathname)) || [];
  if (id !== undefined && services.origins.has(url.origin)) {
    const file = services.files.get(id);
    if (file === undefined) throw new Error(`The file at ${text} was not found: it expired or was deleted`);
    return { via: "file", type: file.content_type, size: file.size, ...file.checksums };
  }
  const unknown = { via: "url", type: null, size: null, sha256: null, md5: null } as const;
  return isLoopback(url) ? download(url, services) : unknown;
}

async function download(url: URL, { bytes, signal }: InputServices): Promise<Omit<SeenFile, "at">> {
  const reply = await fetch(url, { signal }).catch((error: unknown) => {
    throw new Error(`The file at ${url.origin}${url.pathname} could not be fetched: ${String(error)}`);
  });
  if (!reply.ok || reply.body === null) {
    await reply.body?.cancel();
    throw new Error(`The file at ${url.origin}${url.pathname} could not be fetched: HTTP ${reply.status}`);
  }
  const sink = bytes.openDigest();
  try {
    for await (const chunk of reply.body) await sink.write(chunk);
  } catch (error) {
    sink.abort();
    throw error;
  }
  const { size, digests } = await sink.finish();
  return { via: "url", type: reply.headers.get("content-type"), size, ...digestsOf(digests) };
}

function fromData({ type, stored }: DataFile): Omit<SeenFile, "at"> {
  return { via: "data-uri", type, size: stored.size, ...digestsOf(stored.digests) };
}

function digestsOf(digests: Digests | undefined): Pick<SeenFile, "sha256" | "md5"> {
  return { sha256: digests?.sha256 ?? null, md5: digests?.md5 ?? null };
}

/** All strings of an input, with where they stand; the emulator's own instruction left out. */
function* leaves(value: unknown, at = ""): Generator<[string, string | LongString<DataFile>]> {
  if (typeof value === "string" || value instanceof LongString) yield [at, value];
  else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (at === "" && key === INSTRUCTION) continue;
      yield* leaves(item, `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    }
  }
}

function mapLeaves(value: unknown, map: (leaf: unknown) => unknown, depth = 0): unknown {
  if (value instanceof LongString || typeof value !== "object" || value === null) return map(value);
  // What is nested deeper cannot be written out again.
  if (depth > DEEPEST) throw invalid("input", `must not be nested deeper than ${DEEPEST}`);
  if (Array.isArray(value)) return value.map((item) => mapLeaves(item, map, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapLeaves(item, map, depth + 1)]));
}

/** Text of a data URI without base64: what the documentation's own shell example sends by mistake. */
class PercentSink {
  readonly #to: ByteSink;
  #skip: number;
  #carry = "";

  constructor(to: ByteSink, skip: number) {
    this.#to = to;
    this.#skip = skip;
  }

  write(text: Buffer): Promise<void> | undefined {
    const skipped = Math.min(this.#skip, text.length);
    this.#skip -= skipped;
    const all = this.#carry + text.toString("latin1", skipped);
    const percent = all.lastIndexOf("%");
    const whole = percent >= 0 && percent > all.length - 3 ? percent : all.length;
    this.#carry = all.slice(whole);
    return this.#to.write(decodePercent(all.slice(0, whole)));
  }

  async finish(): Promise<Stored> {
    await this.#to.write(Buffer.from(this.#carry, "latin1"));
    return this.#to.finish();
  }

  abort(): void {
    this.#to.abort();
  }
}

function decodePercent(text: string): Buffer {
  const decoded = text.replaceAll(/%([0-9a-f]{2})/gi, (_escape, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(decoded, "latin1");
}
