import { expect, test } from "vitest";
import type { Death } from "../test-support/job-service.ts";
import { killAndResume, perPair } from "../test-support/kill-and-resume.ts";

const KILLS = Number(process.env["KILLS"] ?? 20);

test("killed at every entry of its journal and run again, a job does nothing twice", async () => {
  const deaths = Array.from({ length: 23 }, (_, moment): Death => ({ by: "entry", moment }));
  const ends = await perPair(deaths, killAndResume);
  expect(ends.every(({ killed }) => killed)).toBe(true);
});

test("killed at every request and run again, a job does nothing twice", async () => {
  const deaths = [false, true].flatMap((handled) =>
    Array.from({ length: 9 }, (_, index): Death => ({ by: "request", index, handled })),
  );
  const ends = await perPair(deaths, killAndResume);
  expect(ends.every(({ killed }) => killed)).toBe(true);
  expect(ends.filter(({ unknown }) => unknown).length).toBe(2);
});

test(`killed at ${KILLS} moments at random and run again, a job does nothing twice`, async () => {
  const deaths = Array.from({ length: KILLS }, (): Death => ({ by: "time", after: Math.random() * 150 }));
  const ends = await perPair(deaths, killAndResume);
  const killed = ends.filter((end) => end.killed).length;
  console.log(JSON.stringify({ kills: KILLS, killed, unknown: ends.filter(({ unknown }) => unknown).length }));
});
