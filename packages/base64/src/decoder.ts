import type { Codec } from "@sluice/streams";
import { type Base64Alphabet, isUrlAlphabet } from "./base64-format.ts";
import { type Base64Mode, decodeGroups, decodeTable, FOREIGN, PADDING, SKIPPED } from "./decode-group.ts";
import { type Engine, platformEngine } from "./engine.ts";
import { MalformedBase64Error } from "./malformed-base64-error.ts";
import { oneOf } from "./refuse.ts";

/** Options of the decoders. */
export interface Base64DecoderOptions {
  /**
   * `"strict"`: RFC 4648. `"forgiving"`: the web's `atob`, that is whitespace anywhere, padding optional. `"mime"`:
   * whatever is not of the alphabet is ignored, and the first `=` ends the data.
   * @default "strict"
   */
  mode?: Base64Mode | undefined;
  /** @default "base64" */
  alphabet?: Base64Alphabet | undefined;
}

/** Characters that are decoded in one call of an engine: four of these fit into a page of V8's heap. */
const PIECE = 61_440;

/**
 * One pass over the input in groups of four characters. As long as the input is regular, the engine takes whole pieces;
 * from the first irregularity on (a line break, say), the table does, character by character where it must. What is
 * carried over is the open group's bits, never a view.
 */
export function createDecoder(
  { mode = "strict", alphabet = "base64" }: Base64DecoderOptions,
  action: string,
  engine: Engine = platformEngine(),
): Codec<Uint8Array | string, Uint8Array<ArrayBuffer>> {
  const url = isUrlAlphabet(alphabet, action);
  oneOf(action, "mode", mode, ["strict", "forgiving", "mime"]);
  const table = decodeTable(mode, url);
  const ascii = new TextDecoder("utf-8", { ignoreBOM: true });
  let regular = true;
  /** Of all chunks before this one. */
  let past = 0;
  let input: Uint8Array | string = "";
  let target: Uint8Array<ArrayBuffer>;
  let written = 0;
  /** The open group: its bits, how many characters they are, how many `=` have followed. */
  let bits = 0;
  let open = 0;
  let padded = 0;
  let ended = false;

  function fail(index: number, expected: string): never {
    const unit = input[index];
    throw new MalformedBase64Error(past + index, expected, typeof unit === "number" ? String.fromCharCode(unit) : unit);
  }

  /** Writes the one or two bytes of a last group, the last character of which is at `index`. */
  function close(index: number): void {
    const spare = open === 2 ? 4 : 2;
    if (mode === "strict" && bits & (spare === 4 ? 15 : 3)) fail(index, "unused bits to be zero");
    if (spare === 2) target[written++] = bits >> 10;
    target[written++] = bits >> spare;
    open = 0;
    ended = true;
  }

  function take(value: number, index: number): void {
    if (value === SKIPPED || (mode === "mime" && ended && value === PADDING)) return;
    if (value === FOREIGN) fail(index, `a character of the ${alphabet} alphabet`);
    if (ended) fail(index, "nothing after the padding");
    if (value === PADDING) {
      if (open === 1 || (!open && mode !== "mime")) fail(index, 'a character before "="');
      padded += 1;
      if (!open) ended = true;
      else if (mode === "mime" || open + padded === 4) close(index - padded);
      return;
    }
    if (padded) fail(index, 'a second "="');
    bits = (bits << 6) | value;
    open += 1;
    if (open === 4) {
      target[written++] = bits >> 16;
      target[written++] = bits >> 8;
      target[written++] = bits;
      open = bits = 0;
    }
  }

  function takeByTable(from: number, to: number): void {
    const bytes = bytesOf(input, from, to);
    for (let at = 0; at < bytes.length; at += 1) {
      if (!open && !ended) {
        const group = decodeGroups(table, bytes, at, target, written);
        written += ((group - at) / 4) * 3;
        at = group;
      }
      if (at < bytes.length) take(table[bytes[at] as number] as number, from + at);
    }
  }

  /** Lets the engine take what it can from `from` on; returns where the rest begins. */
  function takeRegular(from: number, to: number): number {
    const start = Math.min(from + ((4 - open) & 3), to);
    takeByTable(from, start);
    let end = start + ((to - start) & ~3);
    if (isPadding(input[end - 1])) end -= 4;
    if (open || ended || end <= start) return start;
    const text = typeof input === "string" ? input.slice(start, end) : ascii.decode(input.subarray(start, end));
    const next = written + ((end - start) / 4) * 3;
    regular = engine.decode(text, url, target.subarray(written, next));
    if (!regular) return start;
    written = next;
    return end;
  }

  return {
    transform(chunk, emit) {
      if (typeof chunk !== "string" && !(chunk instanceof Uint8Array)) {
        throw new TypeError(`Cannot ${action}: a chunk must be a Uint8Array or a string, received ${typeof chunk}`);
      }
      const { length } = chunk;
      const equals = isPadding(chunk[length - 1]) ? (isPadding(chunk[length - 2]) ? 2 : 1) : 0;
      // Exactly what regular input decodes to, so that it is emitted as it is.
      target = engine.allocate(
        equals ? Math.floor((open + length - equals) * 0.75) : Math.floor((open + length) / 4) * 3,
      );
      written = 0;
      input = chunk;
      try {
        for (let from = 0; from < length; from += PIECE) {
          const to = Math.min(from + PIECE, length);
          takeByTable(regular ? takeRegular(from, to) : from, to);
        }
      } finally {
        // What came before a fault is good, and the same however the input was cut.
        if (written) emit(written < target.length ? target.slice(0, written) : target);
        past += length;
        input = "";
      }
    },
    flush(emit) {
      target = new Uint8Array(2);
      written = 0;
      if (padded && !ended) fail(0, 'a second "="');
      if (open === 1) fail(0, "another character");
      if (open) {
        if (mode === "strict" && !url) fail(0, "padding");
        close(-1);
        emit(target.slice(0, written));
      }
    },
  };
}

function isPadding(unit: string | number | undefined): boolean {
  return unit === "=" || unit === 61;
}

/** A part of the input as bytes. A character that is no byte becomes 0, which is as foreign to each mode. */
function bytesOf(input: Uint8Array | string, from: number, to: number): Uint8Array {
  if (typeof input !== "string") return input.subarray(from, to);
  const bytes = new Uint8Array(to - from);
  for (let at = from; at < to; at += 1) {
    const code = input.charCodeAt(at);
    bytes[at - from] = code > 255 ? 0 : code;
  }
  return bytes;
}
