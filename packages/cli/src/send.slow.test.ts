import { createHash, randomBytes } from "node:crypto";
import { startEmulator } from "@sluice/emulator";
import { expect, test } from "vitest";
import { Desk } from "../test-support/run-sluice.ts";

test.each(["kie", "replicate"])("sluice send streams the standard input to %s as it comes", async (provider) => {
  await using emulator = await startEmulator();
  using desk = new Desk(emulator);
  const bytes = randomBytes(6_000_000);
  const { code, stderr } = await desk.sluice(["send", "-", "--name", "dump.gz", "--to", provider], { stdin: bytes });
  expect([code, emulator.files.list().map(({ sha256 }) => sha256)]).toEqual([
    0,
    [createHash("sha256").update(bytes).digest("hex")],
  ]);
  expect(stderr).not.toContain("temporary file");
});
