import { createHash, randomBytes } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { describe, expect, test } from "vitest";
import { DeadlyProxy } from "../test-support/deadly-proxy.ts";
import { Desk, type Ended } from "../test-support/run-sluice.ts";

const MODEL = ["--model", "owner/digest", "--file", "audio=talk.wav"];
const PROVIDERS = {
  replicate: { variables: ["REPLICATE_BASE_URL"], args: MODEL, start: "predictions.create" },
  kie: { variables: ["KIE_API_BASE_URL", "KIE_UPLOAD_BASE_URL"], args: MODEL, start: "jobs.create" },
  oneai: { variables: ["ONEAI_BASE_URL"], args: ["talk.wav", "--skill", "transcribe"], start: "pipeline.upload" },
} as const;

const bytes = randomBytes(1_500_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");

type Name = keyof typeof PROVIDERS;

/** Kills `sluice run` at a request, resumes it as it says, and tells whether it was killed at all, and what it knew. */
async function killAndResume(provider: Name, index: number, answered: boolean) {
  const { variables, args, start } = PROVIDERS[provider];
  await using emulator = await startEmulator({
    replicate: { start: 5, run: 10 },
    kie: { early: 5, wait: 5, queue: 5, run: 10 },
    oneai: { start: 5, run: 10 },
  });
  await using proxy = await new DeadlyProxy(emulator.urls[provider]).listen();
  using desk = new Desk(emulator);
  writeFileSync(join(desk.folder, "talk.wav"), bytes);
  const env = Object.fromEntries(variables.map((name) => [name, proxy.url]));
  const first = await desk.sluice(["run", "--to", provider, ...args], {
    env,
    onSpawn: (kill) => proxy.arm({ index, answered }, () => kill("SIGKILL")),
  });
  proxy.arm(undefined, () => {});
  const killed = first.code === null;
  const again = killed ? await desk.sluice(["resume", "--json"], { env }) : first;
  // Killed before anything was written down, there is nothing to resume.
  const anew = again.stderr.includes("Nothing is kept")
    ? await desk.sluice(["run", "--to", provider, ...args], { env })
    : again;
  const unknown = anew.lines.find((line) => line.type === "failed")?.code === "start-unknown";
  const last = unknown ? await answerFor(emulator, provider, proxy, desk, anew, env) : anew;
  const about = JSON.stringify({ provider, index, answered, requests: proxy.requests, first, again, last });
  expect(last.stdout, about).toContain(sha256);
  const starts = emulator.requests.filter(({ route, status }) => route === start && status !== undefined);
  expect(starts.length, about).toBe(1);
  const kept = readdirSync(join(desk.folder, "state", "sluice", "journal"));
  expect(
    kept.filter((name) => name.endsWith(".journal")),
    about,
  ).toEqual([]);
  return { killed, unknown };
}

/** Does what the command says is to be done where it is not known whether the task was started. */
async function answerFor(
  emulator: Emulator,
  provider: Name,
  proxy: DeadlyProxy,
  desk: Desk,
  { lines }: Ended,
  env: Record<string, string>,
): Promise<Ended> {
  const failed = lines.find((line) => line.type === "failed");
  const id = (failed as { resume?: string } | undefined)?.resume ?? "";
  const made = emulator.requests.some(
    ({ route, status }) => route === PROVIDERS[provider].start && status !== undefined,
  );
  // What the provider's page would show is what the answer that was withheld says.
  const [, task = ""] = /"(?:id|taskId|task_id)":\s*"([^"]+)"/.exec(proxy.replies.at(-1) ?? "") ?? [];
  return desk.sluice(["resume", id, ...(made ? ["--started", task] : ["--start-again"])], { env });
}

describe.each(["replicate", "kie", "oneai"] as const)("sluice run --to %s", (provider) => {
  test.each([
    ["before it arrives", false],
    ["before its reply comes", true],
  ])("killed at every request, %s, and resumed, starts its task once", async (_, answered) => {
    const ends: { killed: boolean; unknown: boolean }[] = [];
    do ends.push(await killAndResume(provider, ends.length, answered));
    while (ends.at(-1)?.killed);
    console.log(`${provider}: ${ends.length - 1} kills, ${ends.filter(({ unknown }) => unknown).length} unknown`);
    expect([ends.filter(({ unknown }) => unknown).length, ends.length > 2]).toEqual([1, true]);
  });
});
