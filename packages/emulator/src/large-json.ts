import type { Exchange } from "./exchange.ts";
import { RequestRefused } from "./request-refused.ts";

/** Where the text of one long string of a JSON body goes, its escapes resolved. */
export interface TextSink<Result> {
  /** Takes a copy; a promise asks to be awaited before the next call. */
  write(text: Buffer): Promise<void> | undefined;
  finish(): Promise<Result>;
  /** Lets go of everything that was written. */
  abort(): void;
}

/** What stands in a JSON value in place of a string that went to a sink. */
export class LongString<Result> {
  /** Its first characters. */
  readonly beginning: string;
  readonly result: Result;

  constructor(beginning: string, result: Result) {
    this.beginning = beginning;
    this.result = result;
  }
}

export interface LargeJsonRules<Result> {
  /** Where a string of more than `LONG` bytes goes, judged by its beginning; undefined keeps it with the rest. */
  readonly sinkFor: (beginning: string) => TextSink<Result> | undefined;
  /** The most that all the rest may be, in bytes. */
  readonly limit: number;
}

/** Strings up to this many bytes are always kept. */
const LONG = 64 * 1024;
const QUOTE = 0x22;
const QUOTES: Buffer = Buffer.from('"');
const BACKSLASH = 0x5c;
/** The longest escape, such as `\u00e9`. */
const ESCAPE = 6;

/**
 * Reads a request's body as JSON, of which long strings (files as base64) are not held but streamed to sinks.
 *
 * @returns the value, with a {@link LongString} in place of each string that went to a sink
 * @throws {RequestRefused} when the rest is too large, or it is not JSON; everything written is let go of first
 */
export async function readLargeJson<Result>({ body }: Exchange, rules: LargeJsonRules<Result>): Promise<unknown> {
  const scanner = new Scanner(rules);
  try {
    await body.takeAll((chunk) => scanner.scan(chunk, 0));
    return await scanner.finish();
  } catch (error) {
    scanner.abort();
    throw error;
  }
}

/** Finds the strings of a JSON text as it comes; whether it is JSON is for the parser to say. */
class Scanner<Result> {
  readonly #rules: LargeJsonRules<Result>;
  readonly #mark = crypto.randomUUID();
  readonly #long: { beginning: string; sink: TextSink<Result> }[] = [];
  /** The text that is kept, up to `#size`. */
  #text: Buffer = Buffer.allocUnsafe(4096);
  #size = 0;
  #inString = false;
  /** Where the string being read begins in it. */
  #start = 0;
  #sink: TextSink<Result> | undefined;
  /** Whether nobody wanted it. */
  #declined = false;
  /** What there is of an escape, the backslash left out; undefined outside of one. */
  #escape: string | undefined;

  constructor(rules: LargeJsonRules<Result>) {
    this.#rules = rules;
  }

  /** Goes through a chunk from `at`; true when its memory is not needed any more. */
  scan(chunk: Buffer, at: number): boolean | Promise<boolean> {
    let next = at;
    while (next < chunk.length) {
      let wait: Promise<void> | undefined;
      if (this.#escape !== undefined) {
        wait = this.#onEscape(String.fromCharCode(chunk[next] as number));
        next += 1;
      } else if (this.#inString) {
        const end = endOfRun(chunk, next);
        if (end > next) wait = this.#onRun(chunk.subarray(next, end));
        next = end;
        if (end < chunk.length) {
          next += 1;
          if (chunk[end] === BACKSLASH) this.#escape = "";
          else this.#endString();
        }
      } else {
        const quote = chunk.indexOf(QUOTE, next);
        const end = quote < 0 ? chunk.length : quote + 1;
        this.#keep(chunk.subarray(next, end));
        this.#inString = quote >= 0;
        this.#start = this.#size;
        next = end;
      }
      if (wait !== undefined) return wait.then(() => this.scan(chunk, next));
    }
    return true;
  }

  async finish(): Promise<unknown> {
    if (this.#inString) throw new RequestRefused(400, "the body ends in the middle of a string");
    const strings = new Map<string, LongString<Result>>();
    for (const [index, { beginning, sink }] of this.#long.entries()) {
      strings.set(`${this.#mark}-${index}`, new LongString(beginning, await sink.finish()));
    }
    try {
      return JSON.parse(this.#text.toString("utf8", 0, this.#size), (_key, value) => strings.get(value) ?? value);
    } catch (error) {
      throw new RequestRefused(400, error instanceof Error ? error.message : String(error));
    }
  }

  abort(): void {
    for (const { sink } of this.#long) sink.abort();
  }

  #onRun(run: Buffer): Promise<void> | undefined {
    if (this.#sink !== undefined) return this.#sink.write(run);
    this.#keep(run);
    // A beginning that does not end in an escape can be read by itself.
    if (this.#declined || this.#size - this.#start <= LONG || run.length < ESCAPE) return undefined;
    const beginning = unescaped(this.#text.toString("utf8", this.#start, this.#size));
    const sink = this.#rules.sinkFor(beginning.slice(0, 1024));
    this.#declined = sink === undefined;
    if (sink === undefined) return undefined;
    this.#size = this.#start;
    this.#keep(Buffer.from(`${this.#mark}-${this.#long.length}`));
    this.#long.push({ beginning: beginning.slice(0, 100), sink });
    this.#sink = sink;
    return sink.write(Buffer.from(beginning));
  }

  #onEscape(character: string): Promise<void> | undefined {
    const sequence = this.#escape + character;
    const length = sequence.startsWith("u") ? 5 : 1;
    this.#escape = sequence.length < length ? sequence : undefined;
    if (this.#escape !== undefined) return undefined;
    if (this.#sink !== undefined) return this.#sink.write(Buffer.from(unescaped(`\\${sequence}`)));
    this.#keep(Buffer.from(`\\${sequence}`, "latin1"));
    return undefined;
  }

  #endString(): void {
    this.#keep(QUOTES);
    this.#sink = undefined;
    this.#declined = false;
    this.#inString = false;
  }

  /** Copies: the chunk's memory is given back. */
  #keep(bytes: Buffer): void {
    const size = this.#size + bytes.length;
    if (size > this.#rules.limit) {
      throw new RequestRefused(413, `The request's body is over ${this.#rules.limit} bytes`);
    }
    if (size > this.#text.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#text.length));
      this.#text.copy(larger, 0, 0, this.#size);
      this.#text = larger;
    }
    bytes.copy(this.#text, this.#size);
    this.#size = size;
  }
}

/** Where the string is interrupted or ends, from `at`. */
function endOfRun(chunk: Buffer, at: number): number {
  const quote = chunk.indexOf(QUOTE, at);
  const run = quote < 0 ? chunk.subarray(at) : chunk.subarray(at, quote);
  const backslash = run.indexOf(BACKSLASH);
  return backslash < 0 ? at + run.length : at + backslash;
}

function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`);
  } catch {
    throw new RequestRefused(400, "a string holds what JSON does not allow in one");
  }
}
