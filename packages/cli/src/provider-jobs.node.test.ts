import { expect, test } from "vitest";
import { type Death, killProviderJob } from "../test-support/kill-provider-job.ts";

// One death at each provider's start, where something could be billed twice; `provider-jobs.slow.test.ts` has all others.
test.concurrent.each([
  ["replicate", 1],
  ["kie", 1],
  ["oneai", 0],
] as const)(
  "%s: killed before the reply to its start came, and run again, a job is started once",
  async (provider, index) => {
    const death: Death = { index, answered: true };
    expect(await killProviderJob(provider, death)).toEqual({ killed: true, unknown: true });
  },
);
