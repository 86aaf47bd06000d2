import { isSource } from "../is-source.ts";
import type { Sendable } from "./sendable.ts";

/**
 * What tells an input from others, as plain JSON and without credentials: for the key of a job. Bytes and streams have
 * nothing but their size.
 */
export function labelOf(input: Sendable): { readonly [name: string]: unknown } {
  if (input instanceof URL) return { url: `${input.origin}${input.pathname}` };
  if (input instanceof Blob) return { name: (input as Partial<File>).name, size: input.size, type: input.type };
  if (input instanceof Uint8Array) return { size: input.byteLength };
  return isSource(input) ? { name: input.name, size: input.size, fingerprint: input.fingerprint } : {};
}
