import { startEmulator } from "@sluice/emulator";
import { waitFor } from "@sluice/poller";
import { bytesSource } from "@sluice/source";
import { expect, test } from "vitest";
import { kie } from "./index.ts";

test("job gives the steps of a run, with plain JSON between them, and a key that tells inputs apart", async () => {
  await using emulator = await startEmulator();
  await using client = kie({ apiKey: "any", baseUrl: emulator.urls.kie });
  const bytes = new Uint8Array(30_000).map((_, index) => index * 31);
  const image = bytesSource(bytes, { name: "a.png", type: "image/png" });
  const job = client.job("some/model", { prompt: "brighter", images: [image, "https://files.example/b.png"] });
  const { signal } = new AbortController();
  const sent = await job.send({ signal });
  expect(JSON.parse(JSON.stringify(sent))).toEqual(sent);
  expect(sent).toMatchObject({
    prompt: "brighter",
    images: [expect.stringMatching(/^http/), "https://files.example/b.png"],
  });
  const started = JSON.parse(JSON.stringify(await job.start(sent, { signal })));
  expect(await waitFor(job.task(started), { interval: 5 })).toBeDefined();
  expect(client.job("some/model", { prompt: "darker" }).key).not.toBe(
    client.job("some/model", { prompt: "lighter" }).key,
  );
});
