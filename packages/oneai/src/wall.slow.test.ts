import { startEmulator } from "@sluice/emulator";
import { bytesSource } from "@sluice/source";
import { expect, test } from "vitest";
import { oneai } from "./index.ts";

// The official SDK gives up after 60 s, whatever is going on.
test("an upload and a call that take more than a minute come to their end", { timeout: 200_000 }, async () => {
  await using emulator = await startEmulator({
    faults: [{ match: { route: "pipeline.upload" }, do: { slowTo: 1_000_000 } }],
  });
  await using client = oneai({ apiKey: "a-key-of-tests", baseUrl: emulator.urls.oneai });
  const began = performance.now();
  const voice = bytesSource(new Uint8Array(70_000_000), { name: "a.wav" });
  const results = await Promise.all([
    client.run("transcribe", voice),
    client.run([{ skill: "keywords", params: { emulate: { run: 65_000 } } }], "Water"),
    client.run(
      [{ skill: "keywords", params: { emulate: { run: 65_000 } } }],
      new Blob(["Water"], { type: "text/plain" }),
    ),
  ]);
  expect(performance.now() - began).toBeGreaterThan(65_000);
  expect(results.map(({ output }) => output.length)).toEqual([1, 1, 1]);
});
