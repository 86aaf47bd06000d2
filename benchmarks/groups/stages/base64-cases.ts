import {
  type Base64DecoderOptions,
  Base64DecoderStream,
  type Base64EncoderOptions,
  Base64EncoderStream,
  base64DecoderCodec,
  base64EncoderCodec,
  encodeBase64,
} from "@sluice/base64";
import { Base64Decode, Base64Encode } from "base64-stream";
import { type Case, defineCase } from "../../harness/case.ts";
import { formatSize, KiB, MiB } from "../../harness/size.ts";
import { driven, looped, nodePipe, piped, randomBytes } from "./drive.ts";

const SIZES = [64 * KiB, 256 * KiB];
/** What a bare loop gives to one `toString`: see the encoder. */
const PIECE = 48 * KiB;

const asciiOf = (text: string) => new TextEncoder().encode(text);
const textOf = (size: number) => encodeBase64(randomBytes((size / 4) * 3));
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array) => Buffer.from(buffer, byteOffset, byteLength);

/** Makes a codec as it is made where there is no `Buffer`. */
function withoutBuffer<T>(make: () => T): T {
  const { Buffer } = globalThis;
  Object.assign(globalThis, { Buffer: undefined });
  try {
    return make();
  } finally {
    Object.assign(globalThis, { Buffer });
  }
}

const encoding = (name: string, options: Base64EncoderOptions) => driven(name, () => base64EncoderCodec(options));
const decoding = <In extends Uint8Array | string>(name: string, options: Base64DecoderOptions) =>
  driven<In, Uint8Array>(name, () => base64DecoderCodec(options));

const toBytes = looped("toString + write", (chunk: Uint8Array) => {
  const target = Buffer.from(new Uint8Array(Math.ceil(chunk.length / 3) * 4).buffer);
  for (let at = 0, to = 0; at < chunk.length; at += PIECE) {
    to += target.write(bufferOf(chunk.subarray(at, at + PIECE)).toString("base64"), to, "latin1");
  }
  return target;
});

const toText = looped("toString", (chunk: Uint8Array) => {
  let text = "";
  for (let at = 0; at < chunk.length; at += PIECE) text = bufferOf(chunk.subarray(at, at + PIECE)).toString("base64");
  return text;
});

const CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const pairs = Uint16Array.from(
  { length: 4096 },
  (_, value) => CHARACTERS.charCodeAt(value >> 6) | (CHARACTERS.charCodeAt(value & 63) << 8),
);

const byTable = looped("4096-entry LUT", (chunk: Uint8Array) => {
  const groups = Math.floor(chunk.length / 3);
  const words = new Uint16Array(groups * 2);
  for (let group = 0; group < groups; group += 1) {
    const value =
      ((chunk[3 * group] as number) << 16) | ((chunk[3 * group + 1] as number) << 8) | (chunk[3 * group + 2] as number);
    words[2 * group] = pairs[value >> 12] as number;
    words[2 * group + 1] = pairs[value & 4095] as number;
  }
  return words;
});

const fromText = looped("Buffer.from", (text: string) => Buffer.from(text, "base64"));
const fromBytes = looped("toString + Buffer.from", (bytes: Uint8Array) =>
  Buffer.from(bufferOf(bytes).toString("latin1"), "base64"),
);

const perSize = SIZES.flatMap((size): Case[] => {
  const at = `${formatSize(size)} chunks`;
  const bytes = () => randomBytes(size);
  const text = () => textOf(size);
  const ascii = () => asciiOf(textOf(size));
  const lines = () => asciiOf((textOf(size).match(/.{1,76}/g) ?? []).join("\r\n"));
  const common = { mode: "in-process", bytes: 256 * MiB, rounds: 7 } as const;
  return [
    defineCase({
      ...common,
      name: `base64 encode, bytes to bytes, ${at}`,
      goal: { time: 1.11 },
      setup: bytes,
      subject: encoding("encoder codec", {}),
      peer: toBytes,
    }),
    defineCase({
      ...common,
      name: `base64 encode, bytes to text, ${at}`,
      goal: { time: 1.05 },
      setup: bytes,
      subject: encoding("encoder codec", { output: "text" }),
      peer: toText,
    }),
    defineCase({
      ...common,
      name: `base64 encode by tables, ${at}`,
      bytes: 128 * MiB,
      goal: { time: 1.11 },
      limitedBy: "each chunk begins and ends with bytes carried over; the loop has none",
      setup: bytes,
      subject: driven("encoder codec", () => withoutBuffer(() => base64EncoderCodec())),
      peer: byTable,
    }),
    defineCase({
      ...common,
      name: `base64 encode in lines of 76, ${at}`,
      bytes: 128 * MiB,
      note: "beside the same without lines",
      limitedBy: "the peer makes no lines; a line break stands behind every 57 bytes",
      setup: bytes,
      subject: encoding("encoder codec", { lineLength: 76 }),
      peer: toBytes,
    }),
    defineCase({
      ...common,
      name: `base64 decode, strict, text to bytes, ${at}`,
      goal: { time: 1.18 },
      limitedBy: "every character is checked; Buffer skips what it does not know",
      setup: text,
      subject: decoding<string>("decoder codec", {}),
      peer: fromText,
    }),
    defineCase({
      ...common,
      name: `base64 decode, strict, bytes to bytes, ${at}`,
      setup: ascii,
      subject: decoding<Uint8Array>("decoder codec", {}),
      peer: fromBytes,
    }),
    defineCase({
      ...common,
      name: `base64 decode, mime, lines of 76, ${at}`,
      bytes: 128 * MiB,
      note: "by tables",
      limitedBy: "line breaks are taken out by tables in JavaScript; Buffer decodes natively and refuses nothing",
      setup: lines,
      subject: decoding<Uint8Array>("decoder codec", { mode: "mime" }),
      peer: fromBytes,
    }),
  ];
});

const pipes = SIZES.flatMap((size): Case[] => [
  defineCase({
    name: `base64 encode, whole pipe, ${formatSize(size)} chunks`,
    mode: "in-process",
    bytes: 256 * MiB,
    rounds: 7,
    goal: { time: 0.33 },
    headline: size === 256 * KiB,
    guarded: true,
    setup: () => randomBytes(size),
    subject: piped("Base64EncoderStream", () => new Base64EncoderStream()),
    peer: nodePipe("base64-stream", () => new Base64Encode()),
  }),
  defineCase({
    name: `base64 decode, whole pipe, ${formatSize(size)} chunks`,
    mode: "in-process",
    bytes: 256 * MiB,
    rounds: 7,
    goal: { time: 0.33 },
    limitedBy: "at 64 KiB base64-stream is one Buffer.from a chunk, which checks nothing",
    headline: size === 256 * KiB,
    guarded: true,
    setup: () => asciiOf(textOf(size)),
    subject: piped("Base64DecoderStream", () => new Base64DecoderStream()),
    peer: nodePipe("base64-stream", () => new Base64Decode()),
  }),
]);

/** The encoder and the decoder, as codecs and as stages. */
export const base64Cases: readonly Case[] = [...perSize, ...pipes];
