import { isSource } from "../is-source.ts";
import { mapValues } from "./map-values.ts";
import { isSendable, type Sendable } from "./sendable.ts";

/**
 * What tells a job from others, as far as that is possible without reading its files: the key for `runJob` of
 * `@sluice/job`. It holds no credentials, neither those of a URL nor its query.
 *
 * @param parts JSON, with what can be sent anywhere in it.
 */
export function jobKey(provider: string, ...parts: readonly unknown[]): string {
  const labels = parts.map((part) => mapValues(part, (value) => (isSendable(value) ? labelOf(value) : value)));
  return JSON.stringify([provider, ...labels]);
}

/** Bytes and streams have nothing but their size. */
function labelOf(input: Sendable): { readonly [name: string]: unknown } {
  if (input instanceof URL) return { url: `${input.origin}${input.pathname}` };
  if (input instanceof Blob) return { name: (input as Partial<File>).name, size: input.size, type: input.type };
  if (input instanceof Uint8Array) return { size: input.byteLength };
  return isSource(input) ? { name: input.name, size: input.size, fingerprint: input.fingerprint } : {};
}
