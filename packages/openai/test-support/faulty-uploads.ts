// Many uploads through an emulator that fails in every way it can, and what became of them.
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FaultRule, startEmulator } from "@sluice/emulator";
import { file } from "@sluice/source/node";
import { upload } from "@sluice/uploader";
import { openai } from "../src/index.ts";

const KIB = 1 << 10;
/** Longer than all the retries of an upload together. */
const HANGS = 60_000;

const faults: readonly FaultRule[] = [
  { match: { provider: "openai", rate: 0.04 }, do: { status: 500 } },
  { match: { provider: "openai", rate: 0.04 }, do: { status: 429, retryAfter: 5 } },
  { match: { route: "uploads.parts.create", rate: 0.04 }, do: { resetAfterBytes: 20_000 } },
  { match: { provider: "openai", rate: 0.03 }, do: { resetAfterBytes: 0 } },
  { match: { provider: "openai", rate: 0.04 }, do: { resetAfterWork: true } },
  { match: { provider: "openai", rate: 0.02 }, do: { truncateReply: true } },
  { match: { route: "uploads.parts.create", rate: 0.02 }, do: { stallAfterBytes: 20_000 } },
  { match: { provider: "openai", rate: 0.01 }, do: { delay: 5_000 } },
];

/** One upload that did not resolve. */
export interface Failure {
  readonly error: unknown;
  /** Whether the provider has the file all the same. */
  readonly arrived: boolean;
}

export interface Tally {
  /** Resolved, and what the provider has is what was sent. */
  readonly identical: number;
  /** Resolved, and it is something else. */
  readonly different: number;
  /** Neither resolved nor rejected within a minute. */
  readonly hung: number;
  readonly failures: readonly Failure[];
  /** Faults that requests met, by what was done to them. */
  readonly met: Readonly<Record<string, number>>;
  readonly requests: number;
}

/** Sends files of random bytes, each of its own, in parts of 64 KiB; four files at a time, four parts of each. */
export async function faultyUploads(count: number, apiKey: string): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-openai-"));
  await using emulator = await startEmulator({ faults: [...faults], seed: 7 });
  await using client = openai({
    apiKey,
    baseUrl: emulator.urls.openai,
    timeouts: { stall: 250, headers: 750 },
    retry: { base: 5, cap: 20 },
  });
  let identical = 0;
  let different = 0;
  let hung = 0;
  const failures: Failure[] = [];

  async function one(index: number): Promise<void> {
    // Two to seven parts, the last one of any length.
    const bytes = randomBytes(64 * KIB + 1 + ((index * 7919) % (384 * KIB)));
    const path = join(folder, `${index}.bin`);
    await writeFile(path, bytes);
    await using source = file(path);
    const uploading = upload(source, client.target({ purpose: "user_data" }), {
      partSize: 64 * KIB,
      retry: { base: 5, cap: 20 },
    });
    try {
      const uploaded = await withinLimit(uploading);
      const stored = emulator.files.get(uploaded.id);
      const same = stored?.sha256 === createHash("sha256").update(bytes).digest("hex");
      if (same && uploaded.bytes === bytes.byteLength) identical += 1;
      else different += 1;
    } catch (error) {
      if (error === HUNG) hung += 1;
      else failures.push({ error, arrived: emulator.files.list().some(({ name }) => name === `${index}.bin`) });
    }
    await rm(path);
  }

  try {
    let next = 0;
    const worker = async () => {
      while (next < count) await one(next++);
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    const met: Record<string, number> = {};
    for (const { do: action, hits } of emulator.faults.list()) met[JSON.stringify(action)] = hits;
    return { identical, different, hung, failures, met, requests: emulator.requests.length };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const HUNG = Symbol("hung");

/** Rejects with `HUNG` for what is never settled. */
async function withinLimit<T>(promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(HUNG), HANGS);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A line for people. */
export function describeTally({ identical, failures, hung, different, met, requests }: Tally): string {
  const codes = new Map<string, number>();
  for (const { error } of failures) {
    const code = String((error as { code?: unknown }).code);
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const rejected = [...codes].map(([code, count]) => `${count} ${code}`).join(", ");
  const hits = Object.entries(met).map(([action, count]) => `${count} × ${action}`);
  return `${identical} byte-identical, ${different} different, ${hung} hung, ${failures.length} rejected (${rejected}); ${requests} requests, of which met ${hits.join(", ")}`;
}
