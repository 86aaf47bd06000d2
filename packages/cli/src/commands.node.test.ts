import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packedCommand } from "../test-support/packed-command.ts";
import { Desk } from "../test-support/run-sluice.ts";
import { createProgram } from "./program.ts";

const bytes = randomBytes(3_000_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const md5 = createHash("md5").update(bytes).digest("hex");

let emulator: Emulator;
let desk: Desk;

beforeAll(async () => {
  packedCommand();
  emulator = await startEmulator();
  desk = new Desk(emulator);
  writeFileSync(join(desk.folder, "talk.wav"), bytes);
});
afterAll(async () => {
  desk[Symbol.dispose]();
  await emulator.close();
});

test("sluice without a command shows the help, and fails; --help and --version do not", async () => {
  const [bare, help, version] = await Promise.all(
    [[], ["send", "--help"], ["--version"]].map((args) => desk.sluice(args)),
  );
  expect(bare).toMatchObject({ code: 2, stdout: "" });
  expect(bare?.stderr).toContain("Usage: sluice");
  expect(help).toMatchObject({ code: 0, stderr: "" });
  expect(help?.stdout).toContain("pg_dump shop | gzip | sluice send - --name shop.gz --to kie");
  expect(version).toMatchObject({ code: 0, stdout: "0.0.0\n", stderr: "" });
});

test("every command has help with examples of itself", () => {
  const commands = createProgram(async () => {}).commands.filter((command) => command.name() !== "help");
  for (const command of commands) {
    const help: string[] = [];
    command.configureOutput({ writeOut: (text) => help.push(text) }).outputHelp();
    expect(help.join("")).toMatch(new RegExp(`^Examples:\\n(  .*\\| )?  sluice ${command.name()} ?`, "m"));
  }
  expect(commands.length).toBe(9);
});

describe.concurrent("sluice hash", () => {
  test("prints what sha256sum does, or one line an algorithm", async () => {
    const [one, several, piped] = await Promise.all([
      desk.sluice(["hash", "talk.wav"]),
      desk.sluice(["hash", "-a", "sha-256,md5,crc64nvme", "talk.wav"]),
      desk.sluice(["hash", "-", "--json"], { stdin: bytes }),
    ]);
    expect(one).toEqual({ code: 0, stdout: `${sha256}  talk.wav\n`, stderr: "", lines: [] });
    expect(several.stdout.split("\n").slice(0, 2)).toEqual([`sha256  ${sha256}  talk.wav`, `md5  ${md5}  talk.wav`]);
    expect(piped.lines[0]).toEqual({ type: "digest", input: "-", size: bytes.byteLength, digests: { sha256 } });
  });

  test("ends quietly when nobody reads any more", async () => {
    const before = ["sh", "-c", '"$@" | head -n 1', "sh"];
    const { stdout, stderr } = await desk.sluice(["hash", ...new Array<string>(200).fill("talk.wav")], { before });
    expect([stdout, stderr]).toEqual([`${sha256}  talk.wav\n`, ""]);
  });
});

test("sluice emulate tells where it is, and ends well when it is stopped", async () => {
  const { code, stdout } = await desk.sluice(["emulate"], {
    onStderr: (text, kill) => void (text.includes("Stopping") || kill("SIGINT")),
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^export OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/openai\/v1$/m);
});
