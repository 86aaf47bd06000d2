// An upload of 1 GiB from where programs of this runtime have their files.
import { startEmulator } from "@sluice/emulator";
import { openai } from "@sluice/openai";
import { type Progress, upload } from "@sluice/uploader";
import { expect, test } from "vitest";
import { ask, type LargeFile, openLarge, ownProcess } from "../harness/beside.ts";

const MIB = 1 << 20;
const PART = 16 * MIB;
/**
 * What processes may still grow by while the last three quarters of the bytes go: it depends on when they collect what is
 * no longer used, and a browser's are many. To hold the bytes would take three times as much.
 */
const ALLOWANCE = 256 * MIB;

interface Memory {
  readonly resident: number;
  readonly peak: number;
}

interface Received {
  readonly route: string;
  readonly bytesReceived: number;
  readonly outcome: string;
  readonly headers: Record<string, string>;
}

test("arrives whole, with lengths, in flat memory, its progress told by bytes", async () => {
  await using emulator = await startEmulator();
  await using client = openai({ apiKey: "any", baseUrl: emulator.urls.openai });
  const file = await ask<LargeFile>("/large-file");
  await using source = await openLarge();
  const reports: Progress[] = [];
  const memory = () => ask<Memory | null>("/memory", String(ownProcess()));
  let early: Promise<Memory | null> | undefined;
  const { id } = await upload(source, client.target({ purpose: "batch", filename: "large.jsonl" }), {
    partSize: PART,
    memory: 64 * MIB,
    onProgress(progress) {
      reports.push(progress);
      if (progress.acknowledged > file.size / 4) early ??= ask("/memory/reset", String(ownProcess())).then(memory);
    },
  });
  const growth = ((await memory())?.peak ?? 0) - ((await early)?.resident ?? 0);
  const look = async (path: string) => (await fetch(`${emulator.url}/_sluice/${path}`)).json();
  expect(await look(`files/${id}`)).toMatchObject({ size: file.size, sha256: file.sha256 });
  const parts = ((await look("requests")) as Received[]).filter(({ route }) => route === "uploads.parts.create");
  expect(parts.length).toBe(file.size / PART);
  for (const { headers } of parts) expect(Number(headers["content-length"])).toBeGreaterThan(PART);
  expect(reports.at(-1)).toMatchObject({ sent: file.size, acknowledged: file.size, total: file.size });
  // Told while a part is on its way, not when it has arrived.
  expect(reports.filter(({ sent }) => sent % PART !== 0).length).toBeGreaterThan(0);
  // Firefox lets go of what it has sent when it likes: its processes grew by 190 MB in one run and by 820 in another.
  if (!navigator.userAgent.includes("Firefox")) expect(growth).toBeLessThan(ALLOWANCE);
});

test("stops at an abort: nothing more arrives", async () => {
  await using emulator = await startEmulator();
  await using client = openai({ apiKey: "any", baseUrl: emulator.urls.openai });
  await using source = await openLarge();
  const abort = new AbortController();
  const reason = new Error("enough");
  const uploading = upload(source, client.target({ purpose: "batch", filename: "large.jsonl" }), {
    partSize: PART,
    memory: 64 * MIB,
    signal: abort.signal,
    onProgress: ({ acknowledged }) => acknowledged > 0 && abort.abort(reason),
  });
  await expect(uploading).rejects.toBe(reason);
  const arrived = async () => {
    const requests = (await (await fetch(`${emulator.url}/_sluice/requests`)).json()) as Received[];
    return {
      bytes: requests.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
      open: requests.filter(({ outcome }) => outcome === "open").length,
    };
  };
  await new Promise((resolve) => setTimeout(resolve, 300));
  const then = await arrived();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await arrived()).toEqual(then);
  expect(then.open).toBe(0);
  expect(then.bytes).toBeLessThan(512 * MIB);
});
