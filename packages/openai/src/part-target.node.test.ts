import { type Emulator, type FaultRule, startEmulator } from "@sluice/emulator";
import { type TargetScenario, testPartTarget } from "@sluice/uploader/testing";
import { afterEach, describe, test } from "vitest";
import { type OpenAI, type OpenAIFile, openai } from "./index.ts";

const faults: Readonly<Record<TargetScenario, readonly FaultRule[]>> = {
  works: [],
  busy: [{ match: { route: "uploads.parts.create", nth: 1 }, do: { status: 429, retryAfter: 0 } }],
  "loses a part's reply": [{ match: { route: "uploads.parts.create", nth: 1 }, do: { resetAfterWork: true } }],
  "loses the completion's reply": [{ match: { route: "uploads.complete", nth: 1 }, do: { resetAfterWork: true } }],
  hangs: [{ match: { route: "uploads.parts.create" }, do: { stallAfterBytes: 1_000 } }],
};
const opened: { emulator: Emulator; client: OpenAI }[] = [];

afterEach(async () => {
  for (const { emulator, client } of opened.splice(0)) {
    await client[Symbol.asyncDispose]();
    await emulator.close();
  }
});

describe("openai().target on the emulator", () => {
  const laws = testPartTarget(async (scenario) => {
    const emulator = await startEmulator({ faults: faults[scenario] });
    const client = openai({ apiKey: "sk-any", baseUrl: emulator.urls.openai });
    opened.push({ emulator, client });
    return {
      target: client.target({ purpose: "user_data" }),
      sha256: ({ id }: OpenAIFile) => emulator.files.get(id)?.sha256 ?? "none",
      open: () => emulator.uploads.list().filter(({ status }) => status === "pending").length,
    };
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});
