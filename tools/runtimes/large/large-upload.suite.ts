// An upload of 1 GiB from where programs of this runtime have their files.
import { startEmulator } from "@sluice/emulator";
import { openai } from "@sluice/openai";
import { type Progress, upload } from "@sluice/uploader";
import { expect, test } from "vitest";
import { ask, type LargeFile, openLarge, ownProcess } from "../harness/beside.ts";

const MIB = 1 << 20;
const PART = 16 * MIB;
/** Parts between two looks at the memory. */
const STRIDE = 2;
/**
 * What processes may hold more, at any time, than when the first quarter of the bytes had gone. To hold the bytes would
 * take 768 MiB; by run, browsers held 1 to 15 MiB more, Node, Deno and Bun 5 to 26. workerd collects late the blocks that
 * its source makes, and held up to 150 more.
 */
const ALLOWANCE = (navigator.userAgent === "Cloudflare-Workers" ? 256 : 64) * MIB;

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
  const looks: Promise<number | null>[] = [];
  const { id } = await upload(source, client.target({ purpose: "batch", filename: "large.jsonl" }), {
    partSize: PART,
    memory: 64 * MIB,
    onProgress(progress) {
      reports.push(progress);
      const due = (progress.acknowledged - file.size / 4) / (STRIDE * PART);
      if (looks.length < due) looks.push(ask<number | null>("/memory", String(ownProcess())));
    },
  });
  const held = (await Promise.all(looks)).map(Number);
  const look = async (path: string) => (await fetch(`${emulator.url}/_sluice/${path}`)).json();
  expect(await look(`files/${id}`)).toMatchObject({ size: file.size, sha256: file.sha256 });
  const parts = ((await look("requests")) as Received[]).filter(({ route }) => route === "uploads.parts.create");
  expect(parts.length).toBe(file.size / PART);
  for (const { headers } of parts) expect(Number(headers["content-length"])).toBeGreaterThan(PART);
  expect(reports.at(-1)).toMatchObject({ sent: file.size, acknowledged: file.size, total: file.size });
  // Told while a part is on its way, not when it has arrived.
  expect(reports.filter(({ sent }) => sent % PART !== 0).length).toBeGreaterThan(0);
  expect(held.length).toBeGreaterThan(8);
  expect(Math.max(...held) - (held[0] ?? 0)).toBeLessThan(ALLOWANCE);
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
