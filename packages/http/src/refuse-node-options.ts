import type { ClientOptions } from "./client-options.ts";

/** @throws {TypeError} for options that only undici can honour: left out silently, a proxy would be gone around. */
export function refuseNodeOptions(options: ClientOptions): void {
  for (const name of ["dispatcher", "proxy"] as const) {
    if (options[name]) {
      throw new TypeError(
        `Cannot create a client: "${name}" works in Node and Deno only, and this runtime sends by fetch`,
      );
    }
  }
}
