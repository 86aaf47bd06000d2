import type { Codec } from "@sluice/streams";
import { type Base64Format, resolveFormat } from "./base64-format.ts";
import { type Engine, platformEngine } from "./engine.ts";
import { lineBreaker } from "./line-breaker.ts";
import { oneOf } from "./refuse.ts";

/** What a stage or a codec emits: `"bytes"` of ASCII, or `"text"`. */
export type Base64Output = "bytes" | "text";

/** The chunks of an `output`. */
export type EncodedChunk<Output extends Base64Output> = Output extends "text" ? string : Uint8Array<ArrayBuffer>;

/** Options of the encoders. */
export interface Base64EncoderOptions<Output extends Base64Output = Base64Output> extends Base64Format {
  /**
   * Bytes for files, sockets and request bodies; text for strings.
   * @default "bytes"
   */
  output?: Output | undefined;
}

/**
 * Bytes that are encoded in one call. Node's `toString` is ten times slower at 256 KiB of text; of 60 KiB four fit into a
 * page of V8's heap, of 64 KiB three, with a quarter of it left over.
 */
const PIECE = 46_080;

/**
 * At most two bytes are carried over to the next chunk and make a group with its first. All other groups are encoded
 * where they lie, straight into the memory that is emitted.
 *
 * @param prefix Emitted before everything else.
 */
export function createEncoder<Output extends Base64Output = "bytes">(
  { output = "bytes" as Output, ...format }: Base64EncoderOptions<Output>,
  action: string,
  engine: Engine = platformEngine(),
  prefix = "",
): Codec<Uint8Array, EncodedChunk<Output>> {
  const { url, padding, lineLength, lineEnding } = resolveFormat(format, action);
  const asText = oneOf<Base64Output>(action, "output", output, ["bytes", "text"]) === "text";
  const breakLines = lineBreaker(lineLength, lineEnding);
  const carried = new Uint8Array(3);
  let held = 0;

  type Emit = (chunk: EncodedChunk<Output>) => void;

  function emitText(text: string, emit: Emit): void {
    if (text) emit((asText ? text : new TextEncoder().encode(text)) as EncodedChunk<Output>);
  }

  function emitPrefix(emit: Emit): void {
    emitText(prefix, emit);
    prefix = "";
  }

  return {
    transform(chunk, emit) {
      if (!(chunk instanceof Uint8Array)) {
        throw new TypeError(`Cannot ${action}: a chunk must be a Uint8Array, received ${typeof chunk}`);
      }
      emitPrefix(emit);
      const { length } = chunk;
      let from = 0;
      let head = "";
      while (held && held < 3 && from < length) carried[held++] = chunk[from++] as number;
      if (held === 3) {
        head = engine.encode(carried, url);
        held = 0;
      }
      const end = length - ((length - from) % 3);
      const piece = (at: number) => chunk.subarray(at, Math.min(at + PIECE, end));

      if (asText || lineLength) {
        for (; head || from < end; from += PIECE) {
          emitText(breakLines(head + engine.encode(piece(from), url)), emit);
          head = "";
        }
      } else if (head || from < end) {
        const bytes = engine.allocate(head.length + ((end - from) / 3) * 4);
        let to = new TextEncoder().encodeInto(head, bytes).written;
        for (; from < end; from += PIECE, to += (PIECE / 3) * 4)
          engine.encodeInto(piece(from), url, bytes.subarray(to));
        emit(bytes as EncodedChunk<Output>);
      }
      for (let at = end; at < length; at += 1) carried[held++] = chunk[at] as number;
    },
    flush(emit) {
      emitPrefix(emit);
      if (held) {
        const rest = engine.encode(carried.fill(0, held), url).slice(0, held + 1);
        emitText(breakLines(padding ? rest.padEnd(4, "=") : rest), emit);
      }
    },
  };
}
