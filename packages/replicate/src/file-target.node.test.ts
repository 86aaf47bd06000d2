import { createHash } from "node:crypto";
import { type Emulator, type FaultRule, startEmulator } from "@sluice/emulator";
import { UploadStream } from "@sluice/uploader";
import { type TargetScenario, testPartTarget } from "@sluice/uploader/testing";
import { afterEach, describe, expect, test } from "vitest";
import { type Replicate, type ReplicateFile, replicate } from "./index.ts";

const match = { route: "files.create" };
const faults: Readonly<Record<TargetScenario, readonly FaultRule[]>> = {
  works: [],
  busy: [{ match: { ...match, nth: 1 }, do: { status: 429, retryAfter: 0 } }],
  "loses a part's reply": [{ match: { ...match, nth: 1 }, do: { resetAfterWork: true } }],
  "loses the completion's reply": [],
  hangs: [{ match, do: { stallAfterBytes: 1_000 } }],
};
const opened: { emulator: Emulator; client: Replicate }[] = [];

async function open(scenario: TargetScenario) {
  const emulator = await startEmulator({ faults: faults[scenario] });
  const client = replicate({ apiToken: "r8_test-token", baseUrl: emulator.urls.replicate });
  opened.push({ emulator, client });
  return { emulator, client };
}

afterEach(async () => {
  for (const { emulator, client } of opened.splice(0)) {
    await client[Symbol.asyncDispose]();
    await emulator.close();
  }
});

describe("target passes the suite for targets:", () => {
  const laws = testPartTarget(async (scenario) => {
    const { emulator, client } = await open(scenario);
    return {
      target: client.target(),
      sha256: ({ id }: ReplicateFile) => emulator.files.get(id)?.sha256 ?? "none",
    };
  });
  for (const { name, check } of laws) test(name, check);
});

test("target is the end of a pipe", async () => {
  const { emulator, client } = await open("works");
  const sink = new UploadStream(client.target({ metadata: { take: 2 } }), { name: "a.txt", type: "text/plain" });
  await new Blob(["weir".repeat(100_000)]).stream().pipeTo(sink);
  const { id, metadata } = await sink.result;
  expect(metadata).toEqual({ take: 2 });
  const sha256 = createHash("sha256").update("weir".repeat(100_000)).digest("hex");
  expect(emulator.files.get(id)).toMatchObject({ name: "a.txt", type: "text/plain", sha256 });
});
