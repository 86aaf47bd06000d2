import { Base64Sink } from "../base64-sink.ts";
import type { Stored } from "../byte-sink.ts";
import type { ByteStore } from "../byte-store.ts";
import type { Exchange } from "../exchange.ts";
import { LongString, readLargeJson, type TextSink } from "../large-json.ts";
import { RequestRefused } from "../request-refused.ts";
import { KieError, missing } from "./errors.ts";

/** The most of a body, the file in it left aside. */
const LIMIT = 1024 * 1024;
const DATA_URL = /^data:([^,;]*)(?:;[^,;]*)*,/i;

/** A body of a base64 upload: its other fields, and the file, which went to where files go. */
export interface Base64Upload {
  readonly fields: Readonly<Record<string, unknown>>;
  /** What the data URL says; undefined for bare base64. */
  readonly type: string | undefined;
  readonly stored: Stored;
}

/** Where the text of a data URL, or bare base64, goes as it comes. */
interface DecodedFile {
  readonly type: string | undefined;
  readonly stored: Stored;
}

/** Reads the body of a base64 upload; the file is decoded as it comes, and never held. */
export async function readBase64Upload(exchange: Exchange, bytes: ByteStore, name: string): Promise<Base64Upload> {
  checkJson(exchange);
  let sink: FileSink | undefined;
  const sinkFor = (beginning: string) => {
    // A second long string is no file; it would have no place to go to.
    if (sink !== undefined) return undefined;
    sink = new FileSink(beginning, bytes, name);
    return sink;
  };
  try {
    const value = await readLargeJson<DecodedFile>(exchange, { sinkFor, limit: LIMIT }).catch((error: unknown) => {
      if (!(error instanceof RequestRefused)) throw error;
      throw new KieError(error.status, `Invalid request body: ${error.message}`);
    });
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new KieError(400, "Invalid request body: expected a JSON object");
    }
    const { base64Data, ...fields } = value as Record<string, unknown>;
    for (const [field, other] of Object.entries(fields)) {
      if (other instanceof LongString) throw new KieError(400, `Invalid parameter: ${field} is too long`);
    }
    return { fields, ...(await decoded(base64Data, bytes, name)) };
  } catch (error) {
    await sink?.forget();
    throw error;
  }
}

async function decoded(value: unknown, bytes: ByteStore, name: string): Promise<DecodedFile> {
  if (value instanceof LongString) return value.result as DecodedFile;
  if (value === undefined || value === null || value === "") throw missing("base64Data");
  if (typeof value !== "string") throw new KieError(400, "Invalid parameter: base64Data must be a string");
  const sink = new FileSink(value, bytes, name);
  try {
    await sink.write(Buffer.from(value));
    return await sink.finish();
  } catch (error) {
    sink.abort();
    throw error;
  }
}

/** Where the text of a data URL, or bare base64, becomes a file; what is wrong with it is said in the service's words. */
class FileSink implements TextSink<DecodedFile> {
  readonly #type: string | undefined;
  readonly #sink: Base64Sink;
  readonly #bytes: ByteStore;
  #stored: Stored | undefined;

  constructor(beginning: string, bytes: ByteStore, name: string) {
    const match = DATA_URL.exec(beginning);
    this.#type = match?.[1] || undefined;
    this.#sink = new Base64Sink(bytes.openFile(name), match?.[0].length ?? 0);
    this.#bytes = bytes;
  }

  write(text: Buffer): Promise<void> | undefined {
    try {
      return this.#sink.write(text)?.catch(refuse);
    } catch (error) {
      return refuse(error);
    }
  }

  async finish(): Promise<DecodedFile> {
    this.#stored = await this.#sink.finish().catch(refuse);
    return { type: this.#type, stored: this.#stored };
  }

  abort(): void {
    this.#sink.abort();
  }

  /** Removes a file whose request was refused for another reason. */
  async forget(): Promise<void> {
    if (this.#stored?.path !== undefined) await this.#bytes.remove(this.#stored.path);
  }
}

function refuse(error: unknown): never {
  if (!(error instanceof RequestRefused)) throw error;
  throw new KieError(400, "Base64 decoding failed: Invalid Base64 format");
}

function checkJson({ request }: Exchange): void {
  const type = request.headers["content-type"] ?? "";
  if (/^application\/([\w.+-]+\+)?json\b/i.test(type)) return;
  throw new KieError(400, `Invalid request body: the Content-Type is "${type}", expected application/json`);
}
