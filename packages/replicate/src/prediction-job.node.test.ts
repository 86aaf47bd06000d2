import { createHash } from "node:crypto";
import { startEmulator } from "@sluice/emulator";
import { waitFor } from "@sluice/poller";
import { bytesSource } from "@sluice/source";
import { expect, test } from "vitest";
import { replicate } from "./index.ts";

test("job gives the steps of a run, with plain JSON between them, and a key that tells inputs apart", async () => {
  await using emulator = await startEmulator({ replicate: { start: 5, run: 10 } });
  await using client = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate });
  const bytes = new Uint8Array(300_000).map((_, index) => index * 31);
  const input = { prompt: "what is this?", nested: [{ audio: bytesSource(bytes, { name: "talk.mp3" }) }] };
  const job = client.job<{ files: { sha256: string }[] }>("owner/digest", { input });
  const { signal } = new AbortController();
  const sent = await job.send({ signal });
  expect(JSON.parse(JSON.stringify(sent))).toEqual(sent);
  expect(sent).toMatchObject({ prompt: "what is this?", nested: [{ audio: expect.stringMatching(/^http/) }] });
  const started = JSON.parse(JSON.stringify(await job.start(sent, { signal })));
  const output = await waitFor(job.task(started), { interval: 5 });
  expect(output.files[0]?.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));

  const other = (prompt: string, name: string) =>
    client.job("owner/digest", { input: { prompt, audio: bytesSource(bytes, { name }) } }).key;
  expect(new Set([other("a", "1"), other("b", "1"), other("a", "2"), job.key]).size).toBe(4);
  expect(other("a", "1")).toBe(other("a", "1"));
});
