import { type Emulator, type FaultRule, startEmulator } from "@sluice/emulator";
import { createClient } from "@sluice/http";
import { bytesSource } from "@sluice/source";
import { type TargetScenario, testPartTarget } from "@sluice/uploader/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Confidential } from "./confidential.ts";
import { type Kie, type KieFile, kie } from "./index.ts";
import { type Caller, createCaller } from "./kie-call.ts";
import { placeOf, uploadTarget } from "./upload-target.ts";

const faults: Readonly<Record<TargetScenario, readonly FaultRule[]>> = {
  works: [],
  busy: [{ match: { route: "uploads.*", nth: 1 }, do: { softError: 429 } }],
  "loses a part's reply": [{ match: { route: "uploads.*", nth: 1 }, do: { resetAfterWork: true } }],
  "loses the completion's reply": [],
  hangs: [{ match: { route: "uploads.*" }, do: { stallAfterBytes: 1_000 } }],
};

let emulator: Emulator;
const clients: AsyncDisposable[] = [];

beforeAll(async () => {
  emulator = await startEmulator();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client[Symbol.asyncDispose]();
});
afterAll(() => emulator.close());

const sha256 = ({ filePath = "" }: KieFile) => emulator.files.get(filePath)?.sha256 ?? "none";

describe("kie().target on the emulator", () => {
  const laws = testPartTarget((scenario) => {
    emulator.faults.set(faults[scenario]);
    const client: Kie = kie({ apiKey: "any-key", baseUrl: emulator.urls.kie });
    clients.push(client);
    return { target: client.target(), sha256 };
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});

describe("the base64 upload as a target", () => {
  const laws = testPartTarget((scenario) => {
    emulator.faults.set(faults[scenario]);
    const http = createClient({ baseUrl: emulator.urls.kie, headers: { authorization: "Bearer any-key" } });
    clients.push(http);
    const settings = { retry: false, clock: undefined, random: undefined, onEvent: undefined } as const;
    return {
      target: uploadTarget(
        createCaller(http, { ...settings, confidential: new Confidential() }),
        "base64",
        placeOf("test", {}),
      ),
      sha256,
    };
  });
  test.each(laws.map(({ name, check }) => [name, check] as const))("%s", (_, check) => check());
});

test.each(["stream", "base64"] as const)("the %s upload tells of bytes of the file, not of its body", async (way) => {
  const size = 300_000;
  const told: number[] = [];
  const halves: Caller = async ({ body, onSent, is }) => {
    const half = Math.floor((body?.size ?? 0) / 2);
    for (const bytes of [half, (body?.size ?? 0) - half]) onSent?.(bytes);
    const file: unknown = { downloadUrl: "https://files.example/a", fileSize: size };
    return is(file) ? file : expect.unreachable("that is a file");
  };
  const target = uploadTarget(halves, way, placeOf("test", {}));
  const context = { signal: new AbortController().signal, attempt: 1, sent: (bytes: number) => void told.push(bytes) };
  const session = await target.create({ name: "a.png", type: "image/png", size }, context);
  const body = bytesSource(new Uint8Array(size));
  await target.put(session, { index: 0, offset: 0, size, body, digests: {} }, context);
  expect(told.reduce((sum, bytes) => sum + bytes, 0)).toBe(size);
  expect(Math.abs((told[0] ?? 0) - size / 2)).toBeLessThan(10);
});
