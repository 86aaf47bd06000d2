import { describe, expect, test } from "vitest";
import { type Death, type End, killProviderJob } from "../test-support/kill-provider-job.ts";

const deaths = [
  ["every entry of its journal", (index: number): Death => ({ moment: index })],
  ["every request", (index: number): Death => ({ index, answered: false })],
  ["every reply", (index: number): Death => ({ index, answered: true })],
] as const;

describe.each(["replicate", "kie", "oneai"] as const)("%s", (provider) => {
  test.each(deaths)("killed at %s and run again, a job sends and starts once", async (name, death) => {
    const ends: End[] = [];
    // Until there is nothing left to be killed at: how often a task is read depends on the machine.
    do ends.push(await killProviderJob(provider, death(ends.length)));
    while (ends.at(-1)?.killed);
    const unknown = ends.filter((end) => end.unknown).length;
    console.log(`${provider}, ${name}: ${ends.length - 1} kills, ${unknown} of them with an unknown start`);
    // The start itself; between its two entries in the journal there are two moments.
    expect([unknown, ends.length > 2]).toEqual([name === "every entry of its journal" ? 2 : 1, true]);
  });
});
