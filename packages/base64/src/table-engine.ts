import { charactersOf } from "./characters.ts";
import type { Engine } from "./engine.ts";

const tables: (Uint16Array | undefined)[] = [];

/** Two characters for each 12 bits, as they lie in this machine's memory; 8 KiB, made at first use. */
function pairsOf(url: boolean): Uint16Array {
  const index = Number(url);
  let pairs = tables[index];
  if (!pairs) {
    const codes = new TextEncoder().encode(charactersOf(url));
    const bytes = Uint8Array.from({ length: 8192 }, (_, at) => codes[at & 1 ? (at >> 1) & 63 : at >> 7] as number);
    pairs = new Uint16Array(bytes.buffer);
    tables[index] = pairs;
  }
  return pairs;
}

/** Works everywhere. Its decoding is the decoder's own: this one never takes over. */
export const tableEngine: Engine = {
  allocate: (size) => new Uint8Array(size),
  encode(bytes, url) {
    const target = new Uint8Array((bytes.length / 3) * 4);
    tableEngine.encodeInto(bytes, url, target);
    return new TextDecoder().decode(target);
  },
  encodeInto(bytes, url, target) {
    const pairs = pairsOf(url);
    const words = new Uint16Array(target.buffer, target.byteOffset, target.length >> 1);
    for (let from = 0, to = 0; from < bytes.length; from += 3, to += 2) {
      const group = ((bytes[from] as number) << 16) | ((bytes[from + 1] as number) << 8) | (bytes[from + 2] as number);
      words[to] = pairs[group >> 12] as number;
      words[to + 1] = pairs[group & 4095] as number;
    }
  },
  decode: () => false,
};
