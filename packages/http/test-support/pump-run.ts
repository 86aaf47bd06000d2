// Sends the pattern to a server that reads slowly at first, so that the client's buffers fill up, and compares every byte.
import { systemClock } from "@sluice/retry";
import type { Body } from "../src/body.ts";
import { Client } from "../src/client.ts";
import { resolveOptions } from "../src/client-options.ts";
import { createAgent } from "../src/node/agent.ts";
import { undiciTransport } from "../src/node/undici-transport.ts";
import { firstWrong } from "./pattern.ts";
import { type Running, serve, serveHttp2, serveTls } from "./servers.ts";

/** What arrived, and where it first differs from the pattern. */
export interface Arrived {
  readonly size: number;
  readonly wrong: number;
}

export const protocols: Record<string, () => Promise<Running>> = {
  TCP: () => serve(async (request, response) => response.end(JSON.stringify(await compared(request)))),
  TLS: () => serveTls(async (request, response) => response.end(JSON.stringify(await compared(request)))),
  "HTTP/2": () =>
    serveHttp2(async (request, response) => {
      response.end(JSON.stringify(await compared(request)));
    }),
};

/** Sends a body twice over one connection: the second time from buffers that hold something already. */
export async function sendTwice(protocol: string, body: () => Body, bufferSize?: number): Promise<Arrived[]> {
  await using server = await (protocols[protocol] as () => Promise<Running>)();
  const agent = createAgent({ connectTimeout: 10_000, allowH2: protocol === "HTTP/2", proxy: false });
  const transport = undiciTransport(agent, systemClock, bufferSize);
  await using client = new Client(resolveOptions({ baseUrl: server.url, retry: false }), transport);
  const arrived: Arrived[] = [];
  for (let round = 0; round < 2; round += 1) {
    const reply = await client.request("POST", "/", { body: body(), idempotent: true });
    arrived.push(await reply.json<Arrived>());
  }
  return arrived;
}

async function compared(body: AsyncIterable<Buffer>): Promise<Arrived> {
  let size = 0;
  let wrong = -1;
  let pauses = 20;
  for await (const chunk of body) {
    const found = firstWrong(chunk, size);
    if (wrong < 0 && found >= 0) wrong = size + found;
    size += chunk.length;
    if (pauses-- > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { size, wrong };
}
