import { createHash, randomBytes } from "node:crypto";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator, type EmulatorOptions, startEmulator } from "@sluice/emulator";
import { beforeAll, describe, expect, test } from "vitest";
import { packedCommand } from "../test-support/packed-command.ts";
import { Desk, type RunOptions } from "../test-support/run-sluice.ts";

const bytes = randomBytes(1_500_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");

beforeAll(() => void packedCommand());

class Setting implements AsyncDisposable {
  readonly emulator: Emulator;
  readonly desk: Desk;

  private constructor(emulator: Emulator) {
    this.emulator = emulator;
    this.desk = new Desk(emulator);
    writeFileSync(join(this.desk.folder, "talk.wav"), bytes);
  }

  static async of(options?: EmulatorOptions): Promise<Setting> {
    return new Setting(await startEmulator(options));
  }

  /** How often a route was asked, and answered. */
  count(route: string): number {
    return this.emulator.requests.filter((request) => request.route === route && request.status !== undefined).length;
  }

  /** What is in the journal; a beacon of who was killed is no entry. */
  get kept(): readonly string[] {
    return readdirSync(join(this.desk.folder, "state", "sluice", "journal")).filter((name) =>
      name.endsWith(".journal"),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.desk[Symbol.dispose]();
    await this.emulator.close();
  }
}

/** Sends a signal, once, when a line on the standard error says so. */
function when(line: RegExp, signal: NodeJS.Signals): RunOptions {
  let sent = false;
  return {
    onStderr(text, kill) {
      if (sent || !line.test(text)) return;
      sent = true;
      kill(signal);
    },
  };
}

const REPLICATE = [
  "run",
  "--to",
  "replicate",
  "--model",
  "owner/digest",
  "--file",
  "audio=talk.wav",
  "--input",
  "n:=2",
  "--verbose",
];
const KIE = ["run", "--to", "kie", "--model", "owner/model", "--file", "image_urls[]=talk.wav", "--verbose"];
const ONEAI = ["run", "talk.wav", "--to", "oneai", "--skill", "transcribe", "--verbose"];
const STARTED = /^The task is \w/m;
const LONG = { replicate: { run: 60_000 }, kie: { run: 60_000 }, oneai: { run: 60_000 } };
const SHORT = { replicate: { start: 5, run: 10 }, kie: { wait: 5, queue: 5, run: 10 }, oneai: { start: 5, run: 10 } };

describe.concurrent("sluice run", () => {
  test("runs a pipeline on a file, and its task can be waited for", async () => {
    await using setting = await Setting.of(SHORT);
    const { desk } = setting;
    writeFileSync(join(desk.folder, "steps.json"), '[{ "skill": "summarize", "params": { "min_length": 5 } }]');
    const skill = ["--skill", "transcribe:speaker_detection=true"];
    const { code, stdout } = await desk.sluice(["run", "talk.wav", "--to", "oneai", "--steps", "steps.json", ...skill]);
    expect(code).toBe(0);
    const { output, taskId } = JSON.parse(stdout) as { output: { step: string; text: string }[]; taskId: string };
    expect(output.map(({ step }) => step)).toEqual(["summarize", "transcribe"]);
    expect(stdout).toContain(sha256);
    const waited = await desk.sluice(["wait", "oneai", taskId, "--json"]);
    expect(waited.lines[0]).toMatchObject({ type: "result", provider: "oneai", id: taskId });
    expect(setting.kept).toEqual([]);
  });

  test("prints a text as it is", async () => {
    await using setting = await Setting.of(SHORT);
    const args = ["run", "--to", "replicate", "--model", "owner/text", "--input", "prompt=Once upon a time"];
    expect((await setting.desk.sluice(args)).stdout).toBe("Once upon a time\n");
  });

  test("tells of a model that failed, and forgets it", async () => {
    await using setting = await Setting.of(SHORT);
    const { code, stderr } = await setting.desk.sluice(["run", "--to", "replicate", "--model", "owner/fail"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sluice: .*failed/);
    expect(setting.kept).toEqual([]);
  });
});

describe.concurrent("sluice run, interrupted", () => {
  test("is killed while its task goes on, and resumed", async () => {
    await using setting = await Setting.of({ replicate: { start: 5, run: 3_000 } });
    const { desk } = setting;
    expect((await desk.sluice(REPLICATE, when(STARTED, "SIGKILL"))).code).toBe(null);
    const { code, lines, stderr } = await desk.sluice(["resume", "--json"]);
    expect(stderr).toContain("its task was started");
    const files = [expect.objectContaining({ at: "/audio", sha256 })];
    expect(lines[0]).toMatchObject({
      type: "result",
      provider: "replicate",
      id: expect.any(String),
      result: { files },
    });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("planted")]);
    expect([setting.count("files.create"), setting.count("predictions.create")]).toEqual([1, 1]);
    expect(setting.kept).toEqual([]);
  });

  test("is killed before its start was answered, and says so until it is told what became of it", async () => {
    await using setting = await Setting.of(SHORT);
    const { desk, emulator } = setting;
    emulator.faults.set([{ match: { route: "predictions.create" }, do: { stallAfterBytes: 1 } }]);
    expect((await desk.sluice(REPLICATE, when(/^> POST \S+\/predictions/m, "SIGKILL"))).code).toBe(null);
    emulator.faults.set([]);
    // The same command is no way around it.
    const { code, lines } = await desk.sluice([...REPLICATE, "--json"]);
    expect(code).toBe(1);
    const { resume: id } = lines[0] as { resume?: string };
    expect(lines[0]).toMatchObject({
      type: "failed",
      code: "start-unknown",
      message: expect.stringMatching(/^It cannot be/),
    });
    expect(lines[0]).toMatchObject({
      hint: expect.stringMatching(
        new RegExp(
          `^Look for a task made since 20\\S+Z on https://replicate.com/predictions. If there is one: sluice resume ${id} --started <its id>; if not: sluice resume ${id} --start-again$`,
        ),
      ),
    });
    const { lines: listed } = await desk.sluice(["list", "--json"]);
    expect(listed[0]).toMatchObject({ type: "run", id, state: "unknown" });
    const again = await desk.sluice(["resume", id ?? "", "--start-again"]);
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining(sha256)]);
    expect(setting.count("files.create")).toBe(1);
    expect(setting.kept).toEqual([]);
  });

  test("loses the answer to its start, and is told the task that somebody found", async () => {
    await using setting = await Setting.of(SHORT);
    const { desk, emulator } = setting;
    emulator.faults.set([{ match: { route: "predictions.create" }, do: { resetAfterWork: true } }]);
    const lost = await desk.sluice(REPLICATE);
    expect(lost.code).toBe(1);
    expect(lost.stderr).toMatch(
      /^sluice: It cannot be known whether the task was started: .*\n {8}Look for a task made/m,
    );
    const id = /sluice resume (\w{8}) --started/.exec(lost.stderr)?.[1] ?? "";
    // As its page shows them.
    const page = await fetch(`${emulator.urls.replicate}/predictions`, { headers: { authorization: "Bearer any" } });
    const { results } = (await page.json()) as { results: { id: string }[] };
    const wrong = await desk.sluice(["resume", id, "--started", "mistyped"]);
    expect(wrong.stderr).toMatch(/^sluice: .*404.*\n {8}Check the task's id\.\n$/);
    const { code, stdout } = await desk.sluice(["resume", id, "--started", results[0]?.id ?? ""]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(sha256)]);
    expect(results.length).toBe(1);
    expect(setting.kept).toEqual([]);
  });

  test("leaves nothing when the file was not sent to its end: no task can have been started", async () => {
    await using setting = await Setting.of(SHORT);
    const { desk, emulator } = setting;
    emulator.faults.set([{ match: { route: "pipeline.upload" }, do: { stallAfterBytes: 1_000 } }]);
    writeFileSync(join(desk.folder, "talk.wav"), randomBytes(20_000_000));
    const { code, stderr } = await desk.sluice(ONEAI, when(/^> POST/m, "SIGINT"));
    expect(stderr).toContain("sluice: Stopped.");
    expect(stderr).not.toContain("cannot be known");
    expect(code).toBe(130);
    expect(setting.kept).toEqual([]);
  });

  test("is stopped by Ctrl-C while its task goes on; waiting for the task settles the run", async () => {
    await using setting = await Setting.of({ kie: { wait: 5, queue: 5, run: 3_000 } });
    const { desk } = setting;
    const { code, stderr } = await desk.sluice(KIE, when(STARTED, "SIGINT"));
    expect(code).toBe(130);
    expect(stderr).toMatch(/The task goes on: sluice resume \w{8} waits for it, sluice sweep \w{8} forgets it\./);
    const task = /^The task is (\w+)\.$/m.exec(stderr)?.[1] ?? "";
    const waited = await desk.sluice(["wait", "kie", task]);
    expect([waited.code, waited.stdout]).toEqual([0, expect.stringContaining(sha256)]);
    expect(setting.kept).toEqual([]);
  });

  test("is swept: its task is cancelled", async () => {
    await using setting = await Setting.of(LONG);
    const { desk } = setting;
    expect((await desk.sluice(REPLICATE, when(STARTED, "SIGKILL"))).code).toBe(null);
    const { lines } = await desk.sluice(["sweep", "--json"]);
    expect(lines[0]).toMatchObject({ type: "swept", state: "canceled" });
    expect(setting.count("predictions.cancel")).toBe(1);
    expect(setting.kept).toEqual([]);
  });
});
