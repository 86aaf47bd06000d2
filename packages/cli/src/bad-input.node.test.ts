import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packedCommand } from "../test-support/packed-command.ts";
import { Desk, type RunOptions } from "../test-support/run-sluice.ts";

let emulator: Emulator;
let desk: Desk;

beforeAll(async () => {
  packedCommand();
  emulator = await startEmulator({ replicate: { apiToken: "another key" } });
  desk = new Desk(emulator);
  writeFileSync(join(desk.folder, "a.txt"), "hello");
  writeFileSync(join(desk.folder, "empty.txt"), "");
  writeFileSync(join(desk.folder, "large.bin"), Buffer.alloc(5_000_000, 7));
  mkdirSync(join(desk.folder, "folder"));
  const locked = join(desk.folder, "locked.txt");
  writeFileSync(locked, "secret");
  chmodSync(locked, 0);
  if (process.getuid?.() === 0) chownSync(locked, 65_534, 65_534);
});
afterAll(async () => {
  desk[Symbol.dispose]();
  await emulator.close();
});

interface Case {
  readonly args: readonly string[];
  readonly code: number;
  /** One sentence what happened, one what to do. */
  readonly says: readonly [string, string];
  readonly options?: RunOptions;
}

const toOpenai = ["--to", "openai"];

const cases: Readonly<Record<string, Case>> = {
  "an unknown provider": {
    args: ["send", "a.txt", "--to", "opnai"],
    code: 2,
    says: ['There is no provider "opnai".', "Did you mean openai? The providers are openai, replicate, oneai and kie."],
  },
  "a size without a clear unit": {
    args: ["send", "a.txt", ...toOpenai, "--part-size", "64M"],
    code: 2,
    says: ['"64M" is no size for --part-size.', "Write 64MB (powers of 1000) or 64MiB (powers of 1024)."],
  },
  "a key that is refused": {
    args: ["send", "large.bin", "--to", "replicate"],
    code: 1,
    says: [
      "Replicate refuses the key (HTTP 401).",
      "Check REPLICATE_API_TOKEN; Replicate's keys are at https://replicate.com/account/api-tokens",
    ],
  },
  "a disk with no room for the journal": {
    args: ["send", "large.bin", ...toOpenai],
    // A limit on the size of files stops a write as a full disk does.
    options: { before: ["sh", "-c", 'trap "" XFSZ; ulimit -f 0; exec "$@"', "sh"] },
    code: 1,
    says: [
      "Cannot lock the journal in ",
      "Set XDG_STATE_HOME to a folder with room that can be written to, or give up resuming with --no-resume.",
    ],
  },
  "a network that is down": {
    args: ["send", "a.txt", ...toOpenai],
    options: { env: { OPENAI_BASE_URL: "http://127.0.0.1:9/v1" } },
    code: 1,
    says: [
      "OpenAI cannot be reached at 127.0.0.1:9 (ECONNREFUSED).",
      "Check the network and the address, then run the same command again.",
    ],
  },
  "a missing key": {
    args: ["send", "a.txt", ...toOpenai],
    options: { env: { OPENAI_API_KEY: undefined } },
    code: 2,
    says: [
      "OpenAI needs a key, and OPENAI_API_KEY is not set.",
      "Get a key at https://platform.openai.com/api-keys, then: export OPENAI_API_KEY=…",
    ],
  },
  "parts that are larger than the provider takes": {
    args: ["send", "large.bin", ...toOpenai, "--part-size", "65MiB"],
    code: 2,
    says: ['"partSize" must be from 1 to 67108864 for OpenAI', "Here that is --part-size."],
  },
  "a key as an option": {
    args: ["send", "a.txt", ...toOpenai, "--api-key=sk-planted"],
    code: 2,
    says: [
      "--api-key is not taken: every user of this machine could see the key with ps.",
      "Set the provider's variable in the environment; sluice help shows their names.",
    ],
  },
  "a key in an address": {
    args: ["send", "a.txt", ...toOpenai, "--base-url", "https://me:sk-planted@api.example/v1"],
    code: 2,
    says: [
      "What --base-url says has a credential in it, which every user of this machine can see with ps.",
      "Leave it out; the key is taken from OPENAI_API_KEY.",
    ],
  },
  "an unknown command": {
    args: ["sned", "a.txt"],
    code: 2,
    says: ["Unknown command 'sned'.", "Did you mean send?"],
  },
  "a large file that needs steps": {
    args: ["send", "large.bin", "--to", "oneai"],
    code: 1,
    says: [
      'Cannot send "large.bin" to OneAI by itself',
      "Run it instead: sluice run <file> --to oneai --skill <name>.",
    ],
  },
  "an upload that is not kept": {
    args: ["resume", "0badcafe"],
    code: 2,
    says: ['Nothing is kept as "0badcafe".', "sluice list shows what is kept."],
  },
};

test("sluice says of each file what is wrong with it, and what to do", async () => {
  const args = ["send", "nope.txt", "folder", "empty.txt", "locked.txt", ...toOpenai];
  // Root without its capabilities may not read what is another's.
  const before = process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : [];
  const { code, stdout, stderr } = await desk.sluice(args, { before });
  const said = [
    ['There is no file "nope.txt".', "Check the path."],
    ['It is a folder, not a file: "folder".', "Name the files in it, such as folder/*.mp4."],
    ['"empty.txt" is empty, and OpenAI takes no empty files.', "Leave it out."],
    ['This user may not read "locked.txt".', "Check who may read it with ls -l."],
  ];
  expect(stderr).toBe(said.map(([what, hint]) => `sluice: ${what}\n        ${hint}\n`).join(""));
  expect([code, stdout]).toEqual([1, ""]);
});

describe.concurrent("sluice says in two lines what is wrong, and what to do:", () => {
  test.each(Object.entries(cases))("%s", async (_, { args, code, says: [what, hint], options }) => {
    const { code: ended, stdout, stderr } = await desk.sluice(args, options);
    const lines = stderr.trim().split("\n").slice(-2);
    expect(lines[0]).toMatch(/^sluice: .*[.…]$/);
    expect(lines).toEqual([expect.stringContaining(what), expect.stringContaining(`        ${hint}`)]);
    expect(ended).toBe(code);
    expect(stdout).toBe("");
    expect(stderr).not.toMatch(/planted|^ {4}at /m);
  });
});

test("what is wrong with the command line is a line of JSON, too", async () => {
  const { code, lines, stderr } = await desk.sluice(["send", "a.txt", ...toOpenai, "--json", "--api-key=sk-planted"]);
  const message = "--api-key is not taken: every user of this machine could see the key with ps.";
  const hint = "Set the provider's variable in the environment; sluice help shows their names.";
  expect(lines).toEqual([
    { type: "failed", message, hint },
    { type: "end", exitCode: 2, seconds: expect.any(Number), peakMemory: expect.any(Number) },
  ]);
  expect([code, stderr]).toEqual([2, `sluice: ${message}\n        ${hint}\n`]);
});

test("a password in an address is warned of, and never repeated", async () => {
  const { stderr } = await desk.sluice(["get", "http://me:sk-planted@127.0.0.1:9/clip.mp4"]);
  expect(stderr).toMatch(/^The password in the address shows with ps to every user of this machine\.\nsluice: /);
  expect(stderr).not.toContain("planted");
});
