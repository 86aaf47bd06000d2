import { builtin } from "./_builtin.ts";
import type { WorkerOrder, WorkerReport } from "./_worker-message.ts";
import { createHasher, type Hasher } from "./hasher.ts";

interface Port {
  postMessage(report: WorkerReport, transfer?: ArrayBuffer[]): void;
}

interface ParentPort extends Port {
  on(event: "message", listener: (order: WorkerOrder) => void): void;
}

// The script of a worker: one hasher, fed with blocks of memory that go back and forth.
const parent = builtin<{ readonly parentPort: ParentPort | null }>("node:worker_threads")?.parentPort;
const port: Port = parent ?? (globalThis as unknown as Port);
let hasher: Hasher | undefined;

if (parent) parent.on("message", receive);
else globalThis.onmessage = ({ data }) => receive(data);

async function receive(order: WorkerOrder): Promise<void> {
  try {
    if (order.kind === "start") {
      hasher = await createHasher(order.algorithm, { resumable: order.resumable, from: order.from });
      port.postMessage({ kind: "ready", engine: hasher.engine });
    } else if (hasher) {
      obey(order, hasher);
    }
  } catch (error) {
    port.postMessage({ kind: "failed", error });
  }
}

function obey(order: Exclude<WorkerOrder, { kind: "start" }>, hasher: Hasher): void {
  switch (order.kind) {
    case "block":
      hasher.update(new Uint8Array(order.buffer, 0, order.size));
      port.postMessage({ kind: "free", buffer: order.buffer }, [order.buffer]);
      break;
    case "save":
      port.postMessage({ kind: "state", state: hasher.save() });
      break;
    case "digest":
      port.postMessage({ kind: "digest", bytes: hasher.digest().bytes });
      break;
  }
}
