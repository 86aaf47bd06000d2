import { env } from "node:process";
import { systemClock } from "@sluice/retry";
import type { DownloadFetch } from "../no-download-fetch.ts";
import { platformHeaders } from "../reply-headers.ts";
import { Watch } from "../watch.ts";
import { createAgent } from "./agent.ts";
import { undiciTransport } from "./undici-transport.ts";

/** One that was put in its place since, by a test or to watch what is fetched, is to be used. */
const PLATFORM = globalThis.fetch;
const NEVER = Number.POSITIVE_INFINITY;
/** Replies that have no body by definition; `Response` refuses one for them. */
const BODILESS: readonly number[] = [204, 205, 304];

/**
 * Makes a `fetch` that gives chunks as they came from the network. Node's own copies each of them and leaves both to the
 * garbage collector, which no reader can help: 2 GiB from a URL to OpenAI took 215 MiB of memory.
 */
export function downloadFetch(): DownloadFetch | undefined {
  if (globalThis.fetch !== PLATFORM) return undefined;
  // As Node's own does, it asks the environment for a proxy where it was told to.
  const agent = createAgent({ connectTimeout: 10_000, allowH2: false, proxy: env["NODE_USE_ENV_PROXY"] === "1" });
  const transport = undiciTransport(agent, systemClock);
  return {
    release: true,
    async fetch(input, init = {}) {
      const watch = new Watch(systemClock, { connect: NEVER, headers: NEVER, stall: NEVER }, ignore, ignore);
      const { status, headers, body } = await transport.send({
        method: "GET",
        url: new URL(String(input)),
        headers: new Map([...new Headers(init.headers)]),
        body: undefined,
        confidential: false,
        observed: false,
        signal: init.signal ?? new AbortController().signal,
        watch,
      });
      return new Response(BODILESS.includes(status) ? null : body, { status, headers: platformHeaders(headers) });
    },
    close: () => transport.close(),
  };
}

function ignore(): void {}
