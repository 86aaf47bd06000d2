import type { IncomingHttpHeaders } from "node:http";
import { Busboy, type BusboyFileStream, type BusboyInstance } from "@fastify/busboy";
import type { ByteSink, Stored } from "./byte-sink.ts";
import type { IncomingBody } from "./incoming-body.ts";
import { RequestRefused } from "./request-refused.ts";

/** What a file in a form says of itself. */
export interface FormFileInfo {
  readonly filename: string;
  readonly type: string;
}

/** A form as it was received: text fields, and files that went to their sinks. */
export interface Form {
  readonly fields: ReadonlyMap<string, string>;
  readonly files: ReadonlyMap<string, FormFileInfo & Stored>;
}

export interface FormRules {
  /** Where a file goes; undefined drops it. */
  readonly sinkFor: (field: string, info: FormFileInfo) => ByteSink | undefined;
  /** The most that one file may hold, and the status that refuses more. */
  readonly fileLimit: number;
  readonly tooLarge: number;
}

/** Text fields are ids and numbers; what is longer is a mistake, such as a file without a name. */
const FIELD_LIMIT = 65_536;
const PART_LIMIT = 100;
const HEADER_LIMIT = 16 * 1024;
/** The longest that the parser takes, line break and dashes included. */
const BOUNDARY_LIMIT = 256;
/** Above a socket read, or every chunk would pause the socket; it is passed on at once and not kept. */
const HIGH_WATER = 1024 * 1024;

/**
 * Receives a `multipart/form-data` body: each file straight into its sink, one chunk held at most.
 *
 * @throws {RequestRefused} for a body that is not such a form, or over a limit; everything written is let go of first
 */
export async function receiveForm(body: IncomingBody, headers: IncomingHttpHeaders, rules: FormRules): Promise<Form> {
  const reception = new Reception(openParser(headers), rules);
  try {
    await body.takeAll((chunk) => reception.write(chunk));
    return await reception.finish();
  } catch (error) {
    reception.abort();
    throw error;
  }
}

/** A form on its way through the parser, whose events come in the middle of `write`. */
class Reception {
  readonly #parser: BusboyInstance;
  readonly #rules: FormRules;
  readonly #fields = new Map<string, string>();
  readonly #files = new Map<string, { info: FormFileInfo; sink: ByteSink }>();
  readonly #parsed = Promise.withResolvers<void>();
  readonly #streams: BusboyFileStream[] = [];
  /** The chunk being written, and how much of it came out as file data. */
  #current: ArrayBuffer | undefined;
  #seen = 0;
  #failure: unknown;
  /** Set while a sink asks to wait. */
  #held: Promise<void> | undefined;
  /** Sinks that hold bytes they have not used yet: two files may end and begin in one chunk. */
  #holds = 0;

  constructor(parser: BusboyInstance, rules: FormRules) {
    this.#parser = parser;
    this.#rules = rules;
    this.#parsed.promise.catch(() => {});
    parser.on("error", (error) => this.#fail(new RequestRefused(400, `Malformed multipart body: ${messageOf(error)}`)));
    parser.on("partsLimit", () => {
      this.#fail(
        new RequestRefused(400, `The form has more than ${PART_LIMIT} fields; was a buffer passed as a file?`),
      );
    });
    parser.on("finish", () => this.#parsed.resolve());
    parser.on("field", (name, value, _nameTruncated, truncated) => {
      if (truncated) {
        const message = `Field '${name}' has no file name, and is longer than the ${FIELD_LIMIT} bytes of a text field`;
        this.#fail(new RequestRefused(400, message, name));
      }
      if (name !== undefined) this.#fields.set(name, value);
    });
    parser.on("file", (field, stream, filename, _encoding, type) => this.#onFile(field, stream, { filename, type }));
  }

  write(chunk: Buffer<ArrayBuffer>): boolean | Promise<boolean> {
    this.#current = chunk.buffer;
    this.#seen = 0;
    this.#parser.write(chunk);
    if (this.#failure !== undefined) throw this.#failure;
    const done = () => this.#isThrough(chunk);
    return this.#held === undefined ? done() : this.#held.then(done);
  }

  /**
   * Whether the parser is done with a chunk: nothing waits in a file's stream, and all of the chunk came out as
   * file data but the little in which a boundary may begin, which the parser copies.
   */
  #isThrough(chunk: Buffer): boolean {
    const waiting = this.#streams.some((stream) => stream.readableLength > 0);
    return (
      !waiting && this.#holds === 0 && this.#parser.writableLength === 0 && this.#seen >= chunk.length - BOUNDARY_LIMIT
    );
  }

  async finish(): Promise<Form> {
    this.#parser.end();
    await this.#parsed.promise;
    await this.#held;
    if (this.#failure !== undefined) throw this.#failure;
    const files = new Map<string, FormFileInfo & Stored>();
    for (const [field, { info, sink }] of this.#files) files.set(field, { ...info, ...(await sink.finish()) });
    return { fields: this.#fields, files };
  }

  abort(): void {
    this.#parser.destroy();
    for (const { sink } of this.#files.values()) sink.abort();
  }

  #onFile(field: string, stream: BusboyFileStream, info: FormFileInfo): void {
    stream.on("error", (error) => {
      this.#fail(new RequestRefused(400, `Malformed multipart body: ${messageOf(error)}`, field));
    });
    const sink = this.#files.has(field) ? undefined : this.#rules.sinkFor(field, info);
    if (sink === undefined) {
      stream.resume();
      return;
    }
    this.#files.set(field, { info, sink });
    let size = 0;
    this.#streams.push(stream);
    stream.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (chunk.buffer === this.#current) this.#seen += chunk.length;
      if (size > this.#rules.fileLimit) {
        const message = `File is too large: at most ${this.#rules.fileLimit} bytes`;
        this.#fail(new RequestRefused(this.#rules.tooLarge, message, field));
      }
      if (this.#failure !== undefined) return;
      const wait = sink.write(chunk);
      if (wait !== undefined) this.#hold(stream, wait);
    });
  }

  /** Keeps the socket, and the part, waiting until the sink is ready. */
  #hold(stream: BusboyFileStream, wait: Promise<void>): void {
    stream.pause();
    this.#holds += 1;
    const held = wait.then(
      () => {
        this.#holds -= 1;
        if (this.#held === held) this.#held = undefined;
        stream.resume();
      },
      (error) => this.#fail(error),
    );
    this.#held = held;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#parsed.reject(error);
  }
}

function openParser(headers: IncomingHttpHeaders): BusboyInstance {
  const type = headers["content-type"] ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) {
    throw new RequestRefused(400, `Invalid Content-Type header (${type}), expected multipart/form-data`);
  }
  try {
    return new Busboy({
      headers: { ...headers, "content-type": type },
      highWaterMark: HIGH_WATER,
      preservePath: true,
      // A file is what has a file name; SDKs that are given bytes instead of a file send none.
      isPartAFile: (_field, _type, filename) => filename !== undefined,
      limits: { fieldSize: FIELD_LIMIT, parts: PART_LIMIT, headerSize: HEADER_LIMIT },
    });
  } catch (error) {
    throw new RequestRefused(400, `Malformed multipart body: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
