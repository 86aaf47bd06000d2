// What a worker of workerd is made of: it runs its suites for every request, and answers with the messages as lines.
import { streamSource } from "@sluice/source";
import { ask, type Beside, type LargeFile, setBeside } from "./beside.ts";
import { runSuites, type Suites } from "./run-suites.ts";

const MIB = 1 << 20;

/** The worker for some suites; a request says what there is beside it. */
export function workerOf(suites: Suites): { fetch(request: Request): Promise<Response> } {
  return {
    async fetch(request) {
      setBeside((await request.json()) as Beside, async () => {
        const { size } = await ask<LargeFile>("/large-file");
        return streamSource(stamped(size), { size, name: "large.bin" });
      });
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      const encoder = new TextEncoder();
      const run = runSuites(suites, (message) => {
        writer.write(encoder.encode(`${JSON.stringify(message)}\n`)).catch(() => {});
      });
      run.then(
        () => writer.close(),
        (error) => writer.abort(error),
      );
      return new Response(readable);
    },
  };
}

/** What is in the large file, as it would come from a request: a worker has no files. */
function stamped(size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  return new ReadableStream(
    {
      pull(controller) {
        const block = new Uint8Array(MIB);
        new DataView(block.buffer).setFloat64(0, offset);
        controller.enqueue(block);
        offset += MIB;
        if (offset >= size) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
