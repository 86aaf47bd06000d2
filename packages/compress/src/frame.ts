import { adler32 } from "./adler32.ts";
import { Ballast } from "./ballast.ts";
import type { CompressionFormat } from "./compression-format.ts";
import { crc32 } from "./crc32.ts";
import { gzipHeader, type HeaderParser } from "./gzip-header.ts";
import { BadData, type MalformedDataCode, malformedData } from "./malformed-data.ts";
import { OutputTooLargeError } from "./output-too-large-error.ts";
import { zlibHeader } from "./zlib-header.ts";

export interface FrameSettings {
  readonly format: CompressionFormat;
  readonly maxOutput: number;
  readonly members: "single" | "multi";
  readonly dictionary: Uint8Array | undefined;
}

type Checksum = (bytes: Uint8Array, previous: number) => number;

/** Bytes behind the deflate data: CRC-32 and size, Adler-32, nothing. */
const TRAILER = { gzip: 8, deflate: 4, "deflate-raw": 0 } as const;

/**
 * What lies around deflate data, the same for every engine: reads the header before it and the trailer behind it, compares
 * what came out in between, and knows the place for every error.
 */
export class Frame {
  /** What comes next in the input. */
  next: "header" | "body" | "trailer" | "nothing" = "header";
  /** What the coming body was compressed with. */
  dictionary: Uint8Array | undefined;
  readonly #settings: FrameSettings;
  readonly #checksum: Checksum;
  readonly #trailer: Uint8Array<ArrayBuffer>;
  readonly #ballast = new Ballast();
  #header: HeaderParser | undefined;
  #trailerLength = 0;
  /** Input before the place that was reached, and before the body. */
  #offset = 0;
  #bodyOffset = 0;
  /** Output in all, and of this member. */
  #output = 0;
  #size = 0;
  #sum = 0;

  /** @param crc A faster CRC-32 than ours, if there is one. */
  constructor(settings: FrameSettings, crc: Checksum = crc32) {
    this.#settings = settings;
    this.#checksum = settings.format === "gzip" ? crc : adler32;
    this.#trailer = new Uint8Array(TRAILER[settings.format]);
    if (settings.format === "deflate-raw") this.#beginBody(settings.dictionary);
  }

  /** Bytes that lie behind the body. */
  get trailerSize(): number {
    return this.#trailer.length;
  }

  /** Reads what is no body. @returns What of the input has not been read. */
  read(input: Uint8Array): Uint8Array {
    if (this.next === "header") return this.#readHeader(input);
    if (this.next === "trailer") return this.#readTrailer(input);
    throw malformedData("trailing-data", this.#offset, "something follows the end of the data");
  }

  /** Looks at what came out of the body. @param consumed How much of the body was read for it. */
  check(output: Uint8Array, consumed: number): void {
    const { maxOutput, format } = this.#settings;
    this.#output += output.length;
    this.#size += output.length;
    const offset = this.#bodyOffset + consumed;
    if (this.#output > maxOutput) throw new OutputTooLargeError(maxOutput, offset);
    if (format !== "deflate-raw") this.#sum = this.#checksum(output, this.#sum);
    this.#ballast.add(output, offset);
  }

  /** So much input was part of the body, whose end has not been found. */
  inBody(bytes: number): void {
    this.#offset += bytes;
  }

  /** So much input was part of the body, and that was all of it. */
  endBody(bytes: number): void {
    this.#offset += bytes;
    this.#trailerLength = 0;
    this.next = this.#trailer.length > 0 ? "trailer" : "nothing";
  }

  /** There is no more input. @throws {TypeError} when some is missing. */
  end(): void {
    const complete = this.next === "nothing" || (this.next === "header" && this.#offset > 0 && !this.#header);
    if (!complete) throw this.#missing();
  }

  /** There is no more input, and the body is the next to come. @throws {TypeError} when none came at all. */
  endWithBody(): void {
    if (this.#offset === 0) throw this.#missing();
  }

  /** What an engine threw, with the place if it is a fault of its data. */
  located(fault: unknown, consumed: number): unknown {
    return this.#at(fault, this.#bodyOffset + consumed);
  }

  #readHeader(input: Uint8Array): Uint8Array {
    if (!this.#header) {
      const { format, dictionary } = this.#settings;
      this.#header = format === "gzip" ? gzipHeader() : zlibHeader(dictionary);
      this.#header.next(0);
    }
    for (let index = 0; index < input.length; index += 1) {
      try {
        const { done, value } = this.#header.next(input[index] as number);
        this.#offset += 1;
        if (!done) continue;
        this.#header = undefined;
        this.#beginBody(value ?? undefined);
        return input.subarray(index + 1);
      } catch (fault) {
        throw this.#at(fault, this.#offset);
      }
    }
    return input.subarray(input.length);
  }

  #beginBody(dictionary: Uint8Array | undefined): void {
    this.dictionary = dictionary;
    this.next = "body";
    this.#bodyOffset = this.#offset;
    this.#size = 0;
    this.#sum = this.#settings.format === "gzip" ? 0 : 1;
  }

  #readTrailer(input: Uint8Array): Uint8Array {
    const taken = input.subarray(0, this.#trailer.length - this.#trailerLength);
    this.#trailer.set(taken, this.#trailerLength);
    this.#trailerLength += taken.length;
    this.#offset += taken.length;
    if (this.#trailerLength === this.#trailer.length) {
      this.#verify(new DataView(this.#trailer.buffer));
      this.next = this.#settings.members === "multi" ? "header" : "nothing";
    }
    return input.subarray(taken.length);
  }

  #verify(trailer: DataView): void {
    const gzip = this.#settings.format === "gzip";
    if (trailer.getUint32(0, gzip) !== this.#sum) throw this.#mismatch(gzip ? "CRC-32" : "Adler-32", 0);
    if (gzip && trailer.getUint32(4, true) !== this.#size >>> 0) throw this.#mismatch("size", 4);
  }

  #mismatch(what: string, place: number): TypeError {
    const offset = this.#offset - this.#trailer.length + place;
    return malformedData("checksum-mismatch", offset, `the ${what} of the output is not what the trailer says`);
  }

  #missing(): TypeError {
    const problem = this.#offset === 0 ? "the input is empty" : `the input ends within the ${this.next}`;
    return malformedData("truncated-data", this.#offset, problem);
  }

  #at(fault: unknown, offset: number): unknown {
    return fault instanceof BadData
      ? malformedData(fault.code satisfies MalformedDataCode, offset, fault.message, fault.cause)
      : fault;
  }
}
