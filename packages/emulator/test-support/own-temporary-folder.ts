import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** Gives the tests of a file a temporary folder of their own: other emulators come and go in the machine's. */
export function useOwnTemporaryFolder(): void {
  const shared = process.env["TMPDIR"];
  const own = mkdtempSync(join(tmpdir(), "emulator-test-"));
  beforeAll(() => {
    process.env["TMPDIR"] = own;
  });
  afterAll(() => {
    if (shared === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = shared;
    rmSync(own, { recursive: true });
  });
}
