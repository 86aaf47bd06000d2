import { expect, test } from "vitest";
import type { Death } from "../test-support/job-service.ts";
import { killAndResume, perPair } from "../test-support/kill-and-resume.ts";

// Where something could be done twice, one of each kind; `kill.slow.test.ts` has all others.
const deaths: Death[] = [
  // The upload is complete, and nothing says so yet.
  { by: "request", index: 4, handled: true },
  // The task is started, and the answer never came.
  { by: "request", index: 5, handled: true },
  // The task is started, and written down.
  { by: "entry", moment: 19 },
];

test("killed where it matters and run again, a job sends once, starts once, and comes to its result", async () => {
  const ends = await perPair(deaths, killAndResume);
  expect(ends).toEqual([false, true, false].map((unknown) => ({ killed: true, unknown })));
});
