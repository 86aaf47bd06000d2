import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@sluice/emulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packedCommand } from "../test-support/packed-command.ts";
import { Desk } from "../test-support/run-sluice.ts";

const bytes = randomBytes(3_000_000);
const sha256 = createHash("sha256").update(bytes).digest("hex");
const md5 = createHash("md5").update(bytes).digest("hex");

let emulator: Emulator;
let desk: Desk;
let server: Server;
let url: string;
let broken = 0;

beforeAll(async () => {
  packedCommand();
  emulator = await startEmulator();
  desk = new Desk(emulator);
  writeFileSync(join(desk.folder, "talk.wav"), bytes);
  writeFileSync(
    join(desk.folder, "steps.json"),
    '["transcribe", { "skill": "summarize", "params": { "min_length": 5 } }]',
  );
  // Breaks off every second transfer of what is asked for whole.
  server = createServer((request, response) => {
    const [, from = "0", to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
    const part = bytes.subarray(Number(from), to ? Number(to) + 1 : undefined);
    response.writeHead(request.headers.range ? 206 : 200, {
      etag: '"1"',
      "content-length": part.byteLength,
      "content-range": `bytes ${from}-${Number(from) + part.byteLength - 1}/${bytes.byteLength}`,
    });
    if (part.byteLength < 2_000_000) response.end(part);
    else {
      broken += 1;
      response.write(part.subarray(0, 1_500_000), () => setTimeout(() => response.destroy(), 50));
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  desk[Symbol.dispose]();
  server.close();
  server.closeAllConnections();
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

describe.concurrent("sluice get", () => {
  test("goes on where a transfer broke off, and verifies what it saves", async () => {
    const args = ["get", `${url}/clip.mp4?signature=planted`, "--digest", `sha256:${sha256}`];
    const { code, stdout, stderr } = await desk.sluice(args);
    expect(stderr).toContain("sha256 verified");
    expect([code, stdout]).toEqual([0, "clip.mp4\n"]);
    expect(broken).toBeGreaterThan(0);
    expect(readFileSync(join(desk.folder, "clip.mp4")).equals(bytes)).toBe(true);
    const again = await desk.sluice(args);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("add --force to replace it");
    expect((await desk.sluice([...args, "--force"])).code).toBe(0);
  });

  test("saves nothing that is not what was expected", async () => {
    const args = ["get", `${url}/clip.mp4`, "-o", "wrong.mp4", "--digest", `md5:${"0".repeat(32)}`, "--json"];
    const { code, lines } = await desk.sluice(args);
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({ type: "failed", code: "digest-mismatch" });
    expect(existsSync(join(desk.folder, "wrong.mp4"))).toBe(false);
  });

  test("writes to the standard output", async () => {
    const before = ["sh", "-c", '"$@" | sha256sum', "sh"];
    expect((await desk.sluice(["get", `${url}/clip.mp4`, "-o", "-"], { before })).stdout).toContain(sha256);
  });
});

describe.concurrent("sluice run", () => {
  test.each([
    ["--skill", "transcribe:speaker_detection=true", "--skill", "summarize"],
    ["--steps", "steps.json"],
  ])("runs a pipeline on a file: %s %s", async (...steps) => {
    const { code, stdout } = await desk.sluice(["run", "talk.wav", "--to", "oneai", ...steps.filter(Boolean)]);
    expect(code).toBe(0);
    const { output, taskId } = JSON.parse(stdout) as { output: { step: string; text: string }[]; taskId: string };
    expect(output.map(({ step }) => step)).toEqual(["transcribe", "summarize"]);
    expect(JSON.parse(output[0]?.text ?? "")).toMatchObject({ sha256 });
    const waited = await desk.sluice(["wait", "oneai", taskId, "--json"]);
    expect(waited.lines[0]).toMatchObject({ type: "result", provider: "oneai", id: taskId });
  });

  test("runs a model on files and texts, and its task can be waited for", async () => {
    const args = ["run", "--to", "replicate", "--model", "owner/digest", "--file", "audio=talk.wav", "--json"];
    const { code, lines } = await desk.sluice([...args, "--input", "n:=2"]);
    expect(code).toBe(0);
    const files = [expect.objectContaining({ at: "/audio", sha256 })];
    expect(lines[0]).toMatchObject({ type: "result", result: { files } });
    const { id = "" } = lines[0] as { id?: string };
    const waited = await desk.sluice(["wait", "replicate", id]);
    expect(JSON.parse(waited.stdout)).toMatchObject({ files });
  });

  test("prints a text as it is", async () => {
    const args = ["run", "--to", "replicate", "--model", "owner/text", "--input", "prompt=Once upon a time"];
    expect((await desk.sluice(args)).stdout).toBe("Once upon a time\n");
  });

  test("runs a job of kie.ai", async () => {
    const args = ["run", "--to", "kie", "--model", "owner/model", "--file", "image_urls[]=talk.wav"];
    const { code, stdout } = await desk.sluice(args);
    expect(code).toBe(0);
    expect(stdout).toContain(sha256);
  });

  test("tells of a model that failed", async () => {
    const { code, stderr } = await desk.sluice(["run", "--to", "replicate", "--model", "owner/fail"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^sluice: .*failed/);
  });
});

test("sluice emulate tells where it is, and ends well when it is stopped", async () => {
  const { code, stdout } = await desk.sluice(["emulate"], {
    onStderr: (text, kill) => void (text.includes("Stopping") || kill("SIGINT")),
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^export OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/openai\/v1$/m);
});
