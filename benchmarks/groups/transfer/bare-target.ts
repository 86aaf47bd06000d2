import { setTimeout as sleep } from "node:timers/promises";
import { bytesBody, createClient, type HttpClient } from "@sluice/http";
import type { PartTarget } from "@sluice/uploader";

/**
 * A target that takes parts of any size, each as the body of a PUT: what is left is the uploader and the client.
 *
 * @param latency Milliseconds after which a reply is told of, as of a server at some distance.
 */
export function bareTarget(
  server: string,
  latency = 0,
): { target: PartTarget<string, number, number>; client: HttpClient } {
  const client = createClient({ baseUrl: server });
  return {
    client,
    target: {
      name: "bare",
      limits: { preferredPartSize: 64 * 1024 * 1024 },
      repeat: "harmless",
      create: async () => "session",
      async put(_session, { index, body, size = 0 }, { signal, sent }) {
        const reply = await client.request("PUT", `/parts/${index}`, {
          body: bytesBody(body),
          idempotent: true,
          retry: false,
          signal,
          onSent: sent,
        });
        await reply.bytes();
        if (latency > 0) await sleep(latency);
        return size;
      },
      complete: async (_session, sizes) => sizes.reduce((sum, size) => sum + size, 0),
      cancel: async () => {},
    },
  };
}
