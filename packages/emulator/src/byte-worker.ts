import { closeSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { ByteJob, type Digests, type Wanted } from "./byte-job.ts";

/** What the emulator asks of the worker; `job` names a run of bytes, `block` is transferred. */
export type Order =
  | { readonly kind: "open"; readonly job: number; readonly wanted: Wanted }
  | { readonly kind: "block"; readonly job: number; readonly block: ArrayBuffer; readonly length: number }
  | { readonly kind: "finish"; readonly job: number }
  | { readonly kind: "abort"; readonly job: number }
  | { readonly kind: "join"; readonly job: number; readonly paths: readonly string[]; readonly wanted: Wanted };

/** What the worker reports: a block given back, or how a run of bytes ended. */
export type Report =
  | { readonly kind: "block"; readonly job: number; readonly block: ArrayBuffer }
  | { readonly kind: "done"; readonly job: number; readonly digests: Digests | undefined }
  | { readonly kind: "aborted"; readonly job: number }
  | { readonly kind: "failed"; readonly job: number; readonly message: string };

const READ = 1024 * 1024;
const jobs = new Map<number, ByteJob>();

function report(message: Report, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

/** Runs a step of a job; one that throws ends the job and is reported, and what comes for it later is ignored. */
function attempt(id: number, step: () => void): void {
  try {
    step();
  } catch (error) {
    fail(id, error);
  }
}

function fail(id: number, error: unknown): void {
  const job = jobs.get(id);
  jobs.delete(id);
  report({ kind: "failed", job: id, message: error instanceof Error ? error.message : String(error) });
  try {
    job?.abort();
  } catch {
    // The first failure is the one to tell.
  }
}

/** Reads the files one after the other as one run of bytes, and lets other orders in between. */
async function join(id: number, paths: readonly string[], wanted: Wanted): Promise<void> {
  const buffer = Buffer.allocUnsafe(READ);
  try {
    const job = new ByteJob(wanted);
    jobs.set(id, job);
    for (const path of paths) {
      const file = openSync(path, "r");
      try {
        for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer)) {
          job.write(buffer.subarray(0, read));
          await setImmediate();
        }
      } finally {
        closeSync(file);
      }
    }
    jobs.delete(id);
    report({ kind: "done", job: id, digests: job.finish() });
  } catch (error) {
    fail(id, error);
  }
}

parentPort?.on("message", (order: Order) => {
  const { job: id } = order;
  switch (order.kind) {
    case "open":
      attempt(id, () => jobs.set(id, new ByteJob(order.wanted)));
      break;
    case "block":
      attempt(id, () => jobs.get(id)?.write(Buffer.from(order.block, 0, order.length)));
      report({ kind: "block", job: id, block: order.block }, [order.block]);
      break;
    case "finish":
      attempt(id, () => {
        const job = jobs.get(id);
        if (job === undefined) return;
        const digests = job.finish();
        jobs.delete(id);
        report({ kind: "done", job: id, digests });
      });
      break;
    case "abort":
      attempt(id, () => {
        const job = jobs.get(id);
        jobs.delete(id);
        job?.abort();
        report({ kind: "aborted", job: id });
      });
      break;
    case "join":
      void join(id, order.paths, order.wanted);
      break;
  }
});
