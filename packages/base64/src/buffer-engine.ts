import type { Engine } from "./engine.ts";

/** As much of Node's Buffer as is used; this package compiles without Node's types. */
interface NodeBuffer {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  toString(encoding: string): string;
  write(text: string, encoding: string): number;
}

interface BufferConstructor {
  from(buffer: ArrayBufferLike, byteOffset: number, length: number): NodeBuffer;
  allocUnsafeSlow(size: number): NodeBuffer;
}

/** Node's `Buffer`, where there is one. */
export function bufferEngine(): Engine | undefined {
  const { Buffer } = globalThis as { Buffer?: BufferConstructor };
  if (!Buffer) return undefined;
  const view = ({ buffer, byteOffset, length }: Uint8Array) => Buffer.from(buffer, byteOffset, length);
  const encode = (bytes: Uint8Array, url: boolean) => view(bytes).toString(url ? "base64url" : "base64");
  return {
    allocate(size) {
      // Not pooled and, unlike a new array, not zeroed, which costs as much as decoding does.
      const { buffer, byteOffset } = Buffer.allocUnsafeSlow(size);
      return new Uint8Array(buffer, byteOffset, size);
    },
    encode,
    encodeInto: (bytes, url, target) => void view(target).write(encode(bytes, url), "latin1"),
    decode(text, url, target) {
      // Buffer skips what it does not know, so that only a full target says that there was nothing of the kind. It takes
      // both alphabets at once, and of characters beyond U+00FF it sees the lower byte alone ("\u0141" is "A" to it).
      if (/[\u0100-\uffff]/.test(text) || text.includes(url ? "+" : "-") || text.includes(url ? "/" : "_"))
        return false;
      return view(target).write(text, "base64") === target.length;
    },
  };
}
