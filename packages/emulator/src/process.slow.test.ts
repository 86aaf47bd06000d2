import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import type { EmulatorOptions } from "./index.ts";

// The emulator as a process of its own, from its build, as users have it: what it costs, and what it prints.
let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined || child.exitCode !== null) return;
  child.disconnect();
  await once(child, "exit");
});

/** Starts one that closes, and so exits by itself, when this process lets go of it. */
async function start(options: EmulatorOptions): Promise<{ url: string; stderr: () => string }> {
  const entry = fileURLToPath(new URL("../dist/index.js", import.meta.url));
  const program = `
    import { startEmulator } from ${JSON.stringify(entry)};
    const emulator = await startEmulator(${JSON.stringify(options)});
    process.on("message", () => process.send(process.resourceUsage().maxRSS));
    process.once("disconnect", () => emulator.close());
    process.send(emulator.url);`;
  child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    // Node warns on stderr where a caller's NO_COLOR meets a task runner's FORCE_COLOR.
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  const [url] = await once(child, "message");
  return { url, stderr: () => stderr };
}

const MEBIBYTE = 1024 * 1024;
const PART = 64 * MEBIBYTE;
const PARTS = 8;

/** A mebibyte of the file, stamped with its own offset. */
function stamped(offset: number, into: Buffer): Buffer {
  into.writeBigUInt64LE(BigInt(offset + 1));
  return into;
}

async function sendPart(url: string, offset: number): Promise<string> {
  const head = '--b\r\nContent-Disposition: form-data; name="data"; filename="part"\r\n\r\n';
  const tail = "\r\n--b--\r\n";
  const call = request(url, {
    method: "POST",
    agent: false,
    headers: {
      authorization: "Bearer k",
      "content-type": "multipart/form-data; boundary=b",
      "content-length": head.length + PART + tail.length,
    },
  });
  const answered = once(call, "response");
  call.write(head);
  const block = Buffer.alloc(MEBIBYTE);
  for (let at = 0; at < PART; at += MEBIBYTE) {
    // The buffer is stamped again only once it was written.
    await new Promise((resolve) => call.write(stamped(offset + at, block), resolve));
  }
  call.end(tail);
  const [response] = await answered;
  let text = "";
  for await (const chunk of response) text += chunk;
  return JSON.parse(text).id;
}

test("eight parts of 64 MiB at once stay under 150 MB, and come together right", { timeout: 120_000 }, async () => {
  const { url } = await start({});
  const post = async (path: string, body: unknown) => {
    const headers = { authorization: "Bearer k", "content-type": "application/json" };
    return (await fetch(`${url}/openai/v1${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
  };
  const upload = await post("/uploads", {
    filename: "a",
    purpose: "batch",
    bytes: PARTS * PART,
    mime_type: "text/plain",
  });
  const parts = Array.from({ length: PARTS }, (_, index) =>
    sendPart(`${url}/openai/v1/uploads/${upload.id}/parts`, index * PART),
  );
  const { file } = await post(`/uploads/${upload.id}/complete`, { part_ids: await Promise.all(parts) });
  const sha256 = createHash("sha256");
  const block = Buffer.alloc(MEBIBYTE);
  for (let at = 0; at < PARTS * PART; at += MEBIBYTE) sha256.update(stamped(at, block));
  expect(await (await fetch(`${url}/_sluice/files/${file.id}`)).json()).toMatchObject({ sha256: sha256.digest("hex") });
  const answered = once(child as ChildProcess, "message");
  child?.send("memory");
  const [peak] = await answered;
  console.log(`peak RSS of the emulator: ${Math.round(peak / 1024)} MiB`);
  expect(peak * 1024).toBeLessThanOrEqual(150e6);
});

test("listening where others can reach it is warned of, loopback is not", async () => {
  const open = await start({ host: "0.0.0.0" });
  await expect
    .poll(open.stderr, { timeout: 10_000 })
    .toMatch(/WARNING: .* listens on 0\.0\.0\.0:\d+, which other machines can reach/);
  child?.disconnect();
  await once(child as ChildProcess, "exit");
  const closed = await start({});
  child?.disconnect();
  const [code] = await once(child as ChildProcess, "exit");
  expect([code, closed.stderr()]).toEqual([0, ""]);
});
