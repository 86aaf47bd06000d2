import { createHash, randomBytes } from "node:crypto";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { beforeAll, describe, expect, test } from "vitest";
import { packedCommand } from "../test-support/packed-command.ts";
import { Desk, type RunOptions } from "../test-support/run-sluice.ts";

beforeAll(() => void packedCommand());

/** An emulator, and a folder with the command in it. */
async function setUp(): Promise<AsyncDisposable & { emulator: Emulator; desk: Desk; digests: () => unknown[] }> {
  const emulator = await startEmulator();
  const desk = new Desk(emulator);
  return {
    emulator,
    desk,
    digests: () => emulator.files.list().map(({ sha256 }) => sha256),
    async [Symbol.asyncDispose]() {
      desk[Symbol.dispose]();
      await emulator.close();
    },
  };
}

/** A file of random bytes, so that no two parts are alike. */
function randomFile(desk: Desk, name: string, size: number): { sha256: string } {
  const bytes = randomBytes(size);
  writeFileSync(join(desk.folder, name), bytes);
  return { sha256: createHash("sha256").update(bytes).digest("hex") };
}

const PARTS = ["--to", "openai", "--part-size", "1MiB", "--concurrency", "2", "--limit-rate", "8MB"];

/** Sends a signal when some parts have arrived and others are on their way. */
function whenUnderWay(...signals: NodeJS.Signals[]): RunOptions {
  const left = [...signals];
  return {
    onStderr(text, kill) {
      const arrived = text.match(/^< 200 POST \S+\/parts/gm)?.length ?? 0;
      if (arrived >= 3 && left.length === signals.length) kill(left.shift() as NodeJS.Signals);
      if (left.length > 0 && text.includes("Stopping")) kill(left.shift() as NodeJS.Signals);
    },
  };
}

describe.concurrent("sluice send", () => {
  test.each(["openai", "replicate", "kie"])("to %s prints what to give to the model", async (provider) => {
    await using setting = await setUp();
    const { desk, digests } = setting;
    const { sha256 } = randomFile(desk, "talk.mp4", 5_000_000);
    const { code, stdout, stderr } = await desk.sluice(["send", "talk.mp4", "--to", provider, "--verbose"]);
    expect(code).toBe(0);
    expect(digests()).toEqual([sha256]);
    expect(stdout.trim()).toMatch(provider === "openai" ? /^file-\w+$/ : /^http:\S+$/);
    expect(stderr).toMatch(/^< 200 POST |^< 201 POST /m);
    expect(stderr).toContain("Sent talk.mp4 (5.0 MB) to ");
    expect(stderr).not.toContain("planted");
  });

  test("goes on with the others when one fails, and says so by its exit code", async () => {
    await using setting = await setUp();
    const { desk, digests } = setting;
    const { sha256 } = randomFile(desk, "a.bin", 300_000);
    const { code, lines, stderr } = await desk.sluice(["send", "nope", "a.bin", "--to", "kie", "--json", "--quiet"]);
    expect(code).toBe(3);
    expect(digests()).toEqual([sha256]);
    expect(lines.map(({ type }) => type).sort()).toEqual(["end", "failed", "sent"]);
    expect(lines.find(({ type }) => type === "failed")).toEqual({
      type: "failed",
      input: "nope",
      code: "ENOENT",
      message: 'There is no file "nope".',
      hint: "Check the path.",
    });
    expect(lines.find(({ type }) => type === "sent")).toMatchObject({
      input: "a.bin",
      method: "base64",
      size: 300_000,
    });
    expect(lines.at(-1)).toMatchObject({ type: "end", exitCode: 3, peakMemory: expect.any(Number) });
    expect(stderr.split("\n").length).toBe(3);
  });

  test("streams the standard input, by way of a file where the size must be known first", async () => {
    await using setting = await setUp();
    const { desk, digests } = setting;
    const bytes = randomBytes(6_000_000);
    const args = ["send", "-", "--name", "dump.gz", "--to", "openai"];
    const { code, stderr } = await desk.sluice(args, { stdin: bytes });
    expect(code).toBe(0);
    expect(digests()).toEqual([createHash("sha256").update(bytes).digest("hex")]);
    expect(stderr).toContain("temporary file");
  });

  test("is kept by Ctrl-C, listed, and resumed", async () => {
    await using setting = await setUp();
    const { desk, emulator, digests } = setting;
    const { sha256 } = randomFile(desk, "talk.mp4", 9_000_000);
    const args = ["send", "talk.mp4", ...PARTS, "--verbose"];
    const stopped = await desk.sluice(args, whenUnderWay("SIGINT"));
    expect(stopped.code).toBe(130);
    const id = /sluice resume (\w{8})/.exec(stopped.stderr)?.[1] ?? "";
    const folder = join(desk.folder, "state", "sluice", "journal");
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    expect(modes).toEqual([0o600]);

    const { lines } = await desk.sluice(["list", "--json"]);
    expect(lines[0]).toMatchObject({ type: "upload", id, provider: "openai", size: 9_000_000 });
    const resumed = await desk.sluice(["resume", id]);
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/MB have arrived before; going on from there/);
    expect(digests()).toEqual([sha256]);
    expect(emulator.uploads.list().map(({ status }) => status)).toEqual(["completed"]);
    expect(readdirSync(join(desk.folder, "state", "sluice", "journal"))).toEqual([]);
  });

  test("ends at once with the second Ctrl-C, whatever the first one is waiting for", async () => {
    await using setting = await setUp();
    const { desk, emulator } = setting;
    randomFile(desk, "talk.mp4", 9_000_000);
    emulator.faults.set([{ match: { route: "uploads.cancel" }, do: { delay: 60_000 } }]);
    const args = ["send", "talk.mp4", ...PARTS, "--no-resume", "--verbose"];
    const { code, stderr } = await desk.sluice(args, whenUnderWay("SIGINT", "SIGINT"));
    expect(code).toBe(130);
    expect(stderr).toContain("Stopping; once more stops at once.");
    expect(stderr).not.toContain("sluice: Stopped.");
  });

  test("survives a kill: the same command goes on", async () => {
    await using setting = await setUp();
    const { desk, emulator, digests } = setting;
    const { sha256 } = randomFile(desk, "talk.mp4", 9_000_000);
    const args = ["send", "talk.mp4", ...PARTS, "--verbose"];
    expect((await desk.sluice(args, whenUnderWay("SIGKILL"))).code).toBe(null);
    const { code, stderr } = await desk.sluice(args);
    expect(code).toBe(0);
    expect(stderr).toContain("have arrived before");
    expect(digests()).toEqual([sha256]);
    expect(emulator.uploads.list().length).toBe(1);
  });

  test("leaves what can be swept when it is killed", async () => {
    await using setting = await setUp();
    const { desk, emulator } = setting;
    randomFile(desk, "talk.mp4", 9_000_000);
    const killed = await desk.sluice(["send", "talk.mp4", ...PARTS, "--verbose"], whenUnderWay("SIGKILL"));
    expect(killed.code).toBe(null);
    const young = await desk.sluice(["sweep", "--older-than", "1h", "--json"]);
    expect(young.lines[0]).toMatchObject({ type: "swept", state: "young" });
    const { code, lines } = await desk.sluice(["sweep", "--json"]);
    expect(code).toBe(0);
    expect(lines[0]).toMatchObject({ type: "swept", state: "canceled" });
    expect(emulator.uploads.list().map(({ status }) => status)).toEqual(["cancelled"]);
  });

  test("says that nothing is kept of what goes in one request", async () => {
    await using setting = await setUp();
    const { desk, emulator } = setting;
    randomFile(desk, "talk.mp4", 9_000_000);
    const args = ["send", "talk.mp4", "--to", "kie", "--limit-rate", "2MB", "--verbose"];
    const { code, stderr } = await desk.sluice(args, {
      onStderr: (text, kill) => void (text.includes("> POST") && !text.includes("Stopping") && kill("SIGINT")),
    });
    expect(code).toBe(130);
    expect(stderr).toContain("Nothing of it is kept");
    expect(emulator.files.list()).toEqual([]);
  });
});
