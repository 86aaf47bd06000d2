import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { DeadlyProxy, type DeadlyRequest } from "./deadly-proxy.ts";

export type JobProvider = "replicate" | "kie" | "oneai";
/** When a process is killed: of itself at a moment of its journal, or at a request. */
export type Death = { readonly moment: number } | DeadlyRequest;

/** How a job that was killed ended. */
export interface End {
  /** Whether the process was killed before it was done. */
  readonly killed: boolean;
  /** Whether the next one could not know whether it was started, and said so. */
  readonly unknown: boolean;
}

const OVER: End = { killed: false, unknown: false };

/** The request that sends the file, and the one that starts what is billed; OneAI has one for both. */
const ROUTES = {
  replicate: { send: "files.create", start: "predictions.create" },
  kie: { send: "uploads.stream", start: "jobs.create" },
  oneai: { send: "pipeline.upload", start: "pipeline.upload" },
} as const;

const PATHS = {
  replicate: /^POST .*predictions/,
  kie: /^POST .*createTask/,
  oneai: /^POST .*async/,
} as const;

const bytes = Uint8Array.from({ length: 1_500_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
const sha256 = createHash("sha256").update(bytes).digest("hex");

/**
 * Kills a provider's job and runs it again; where it cannot know, it is told what the provider's page would show.
 *
 * @throws {AssertionError} when something was started twice, sent twice for no reason, or did not come to its result
 */
export async function killProviderJob(provider: JobProvider, death: Death): Promise<End> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "provider-job-"));
  await writeFile(join(folder.path, "talk.mp3"), bytes);
  await using emulator = await startEmulator({
    replicate: { start: 5, run: 10 },
    kie: { early: 5, wait: 5, queue: 5, run: 10 },
    oneai: { start: 5, run: 10 },
  });
  await using proxy = await new DeadlyProxy(emulator.urls[provider]).listen();
  const run = (options: object = {}, at?: Death) => runProcess(proxy, provider, folder.path, options, at);

  const first = await run({}, death);
  const about = JSON.stringify({ provider, death, first, requests: proxy.requests });
  const written = journalOf(folder.path);
  // Killed when it had its result and nothing was left to go on with.
  if (first === undefined && !written.includes('"type":"job"') && arrived(emulator, ROUTES[provider].start) > 0)
    return OVER;
  const sentUnknown = first === undefined && !written.includes('"sent"');
  let said = first ?? (await run());
  const unknown = said.code === "start-unknown";
  if (unknown) {
    // It is told twice: not knowing is not forgotten.
    assert.equal((await run()).code, "start-unknown", about);
    said = await run(
      arrived(emulator, ROUTES[provider].start) === 0 ? { startAgain: true } : { started: found(provider, proxy) },
    );
  }
  assert.ok(JSON.stringify(said.result ?? "").includes(sha256), `${about} ${JSON.stringify(said)}`);
  assert.equal(arrived(emulator, ROUTES[provider].start), 1, about);
  // Killed before it could be written down that the file is there: that is the one reason to send it again.
  const sends = arrived(emulator, ROUTES[provider].send);
  assert.ok(sends === 1 || (sentUnknown && provider !== "oneai" && sends === 2), about);
  return { killed: first === undefined, unknown };
}

function arrived(emulator: Emulator, route: string): number {
  return emulator.requests.filter((request) => request.route === route && request.status !== undefined).length;
}

/** What the provider's page would show: what the reply to the start says. */
function found(provider: JobProvider, { requests, replies }: DeadlyProxy): object {
  const start = requests.findLastIndex((request) => PATHS[provider].test(request));
  const [, name, id] = replies[start]?.match(/"(id|taskId|task_id)":\s*"([^"]+)"/) ?? [];
  assert.ok(id, JSON.stringify({ requests, replies }));
  return name === "taskId" ? { taskId: id, createdAt: new Date().toISOString() } : { id };
}

/** All that the journal holds. */
function journalOf(folder: string): string {
  const files = globSync(join(folder, "journal", "**", "*"), { withFileTypes: true }).filter((each) => each.isFile());
  return files.map((each) => readFileSync(join(each.parentPath, each.name), "utf8")).join("");
}

interface Said {
  readonly result?: unknown;
  readonly code?: string;
  readonly message?: string;
}

/** Runs the job in a process of its own, until it is done or dead. */
async function runProcess(
  proxy: DeadlyProxy,
  provider: JobProvider,
  folder: string,
  options: object,
  death: Death | undefined,
): Promise<Said>;
async function runProcess(
  proxy: DeadlyProxy,
  provider: JobProvider,
  folder: string,
  options: object,
  death?: Death,
): Promise<Said | undefined> {
  const script = join(import.meta.dirname, "provider-job-process.ts");
  const moment = death && "moment" in death ? death.moment : -1;
  const args = [script, provider, proxy.url, folder, String(moment), JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  proxy.arm(death && "index" in death ? death : undefined, () => child.kill("SIGKILL"));
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await once(child, "close");
  return output === "" ? undefined : (JSON.parse(output) as Said);
}
