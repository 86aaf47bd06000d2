import { once } from "node:events";
import { startEmulator } from "@sluice/emulator";
import { UsageError } from "../command-error.ts";
import { EXIT } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";

/** Options of `sluice emulate`, as they are written. */
export interface EmulateOptions {
  readonly port: string;
  readonly host: string;
  readonly storage?: string;
  readonly digests: boolean;
}

/** Runs until it is stopped, which is its proper end. */
export async function emulate(
  { port, host, storage, digests }: EmulateOptions,
  { output, signal }: Invocation,
): Promise<number> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new UsageError(`"${port}" is no port.`, "Write a number from 0 (a free one) to 65535.");
  }
  await using emulator = await startEmulator({
    port: Number(port),
    host,
    digests,
    ...(storage !== undefined && { storage }),
  });
  const { url, urls } = emulator;
  const variables = {
    OPENAI_BASE_URL: urls.openai,
    REPLICATE_BASE_URL: urls.replicate,
    ONEAI_BASE_URL: urls.oneai,
    KIE_API_BASE_URL: urls.kie,
    KIE_UPLOAD_BASE_URL: urls.kie,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}`);
  output.result({ type: "listening", url, urls }, lines.join("\n"));
  output.note(`The emulator listens on ${url}; any key will do. Ctrl-C stops it.`);
  if (!signal.aborted) await once(signal, "abort");
  return EXIT.ok;
}
