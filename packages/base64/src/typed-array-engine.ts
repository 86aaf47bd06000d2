import type { Engine } from "./engine.ts";

/** The methods of ES2026, which TypeScript's library for ES2025 does not know. */
interface Base64Methods {
  toBase64(options: { alphabet: string }): string;
  setFromBase64(text: string, options: { alphabet: string; lastChunkHandling: string }): { written: number };
}

/** `Uint8Array`'s own base64: browsers since 2025, Node 25, Deno 2.5, Bun, workerd. */
export function typedArrayEngine(): Engine | undefined {
  const { toBase64, setFromBase64 } = Uint8Array.prototype as Partial<Base64Methods>;
  if (!toBase64 || !setFromBase64) return undefined;
  const encode = (bytes: Uint8Array, url: boolean) => toBase64.call(bytes, { alphabet: url ? "base64url" : "base64" });
  return {
    allocate: (size) => new Uint8Array(size),
    encode,
    encodeInto: (bytes, url, target) => void new TextEncoder().encodeInto(encode(bytes, url), target),
    decode(text, url, target) {
      try {
        // It skips whitespace, so that only a full target says that there was none.
        const options = { alphabet: url ? "base64url" : "base64", lastChunkHandling: "stop-before-partial" };
        return setFromBase64.call(target, text, options).written === target.length;
      } catch {
        return false;
      }
    },
  };
}
