import { expect, test } from "vitest";
import { describeTally, faultyUploads } from "../test-support/faulty-uploads.ts";

const key = "sk-planted-in-this-test-0123456789";

test("200 uploads through faults: what resolves is byte-identical, the rest reject with a typed error", async () => {
  const tally = await faultyUploads(200, key);
  console.log(describeTally(tally));
  expect(tally).toMatchObject({ different: 0, hung: 0 });
  expect(tally.identical + tally.failures.length).toBe(200);
  expect(tally.identical).toBeGreaterThan(100);
  expect(Object.values(tally.met).every((hits) => hits > 0)).toBe(true);
  for (const { error, arrived } of tally.failures) {
    expect(error).toBeInstanceOf(Error);
    const { code, retryable } = error as { code?: string; retryable?: boolean };
    expect(code).toMatch(/^(http|bad-reply|stalled|completion-unknown)$/);
    expect(retryable).toBeTypeOf("boolean");
    // Only who says so may leave a file behind.
    if (code !== "completion-unknown") expect(arrived, String(error)).toBe(false);
    expect(String((error as Error).stack)).not.toContain(key);
  }
}, 300_000);
