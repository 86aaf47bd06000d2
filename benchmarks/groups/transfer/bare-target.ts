import { bytesBody, createClient, type HttpClient } from "@sluice/http";
import type { PartTarget } from "@sluice/uploader";

/** A target that takes parts of any size, each as the body of a PUT: what is left is the uploader and the client. */
export function bareTarget(server: string): { target: PartTarget<string, number, number>; client: HttpClient } {
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
        return size;
      },
      complete: async (_session, sizes) => sizes.reduce((sum, size) => sum + size, 0),
      cancel: async () => {},
    },
  };
}
