import { expect, test } from "vitest";
import { adaptiveConcurrency, fixedConcurrency } from "./concurrency.ts";
import { type Job, type Link, type Outcome, seededRandom, simulate } from "./network-simulator.test.support.ts";

const MB = 1e6;
const MiB = 2 ** 20;
const GiB = 2 ** 30;

/** The four that the bar is about, 1 % of their parts with a tail of 5 s. */
const LINKS: Readonly<Record<string, { link: Link; job: Job }>> = {
  "long fat pipe, 8 MB/s a connection": {
    link: { bandwidth: 250 * MB, perConnection: 8 * MB, latency: 180, buffer: 4 * MiB, tail: 0.01 },
    job: { size: 16 * GiB, partSize: 16 * MiB },
  },
  "uplink of a home": {
    link: { bandwidth: 2.5 * MB, latency: 60, buffer: MiB, crowding: 0.01, tail: 0.01 },
    job: { size: 2 * GiB, partSize: 64 * MiB },
  },
  "API that takes 10 at once": {
    link: { bandwidth: 125 * MB, perConnection: 6 * MB, latency: 120, buffer: 2 * MiB, maxConcurrent: 10, tail: 0.01 },
    job: { size: 4 * GiB, partSize: 8 * MiB },
  },
  "capacity that falls to an eighth and comes back": {
    link: {
      bandwidth: 100 * MB,
      perConnection: 10 * MB,
      latency: 80,
      buffer: 2 * MiB,
      tail: 0.01,
      changes: [
        { at: 60_000, bandwidth: 12 * MB, perConnection: MB },
        { at: 240_000, bandwidth: 100 * MB, perConnection: 5 * MB },
      ],
    },
    job: { size: 16 * GiB, partSize: 16 * MiB },
  },
};

interface Comparison {
  readonly best: number;
  readonly bestAt: number;
  readonly four: number;
  readonly auto: Outcome;
}

/** With SLOW=1, as in `test:slow`, all there is; else enough to see that something broke. */
const SLOW = process.env["SLOW"] !== undefined;
const SOME: readonly number[] = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 28, 32];
const EVERY: readonly number[] = Array.from({ length: 32 }, (_, index) => index + 1);

function compare(link: Link, job: Job, limits: readonly number[]): Comparison {
  const fixed = new Map(limits.map((limit) => [limit, simulate(link, job, () => fixedConcurrency(limit)).time]));
  const best = Math.min(...fixed.values());
  const bestAt = limits.find((limit) => fixed.get(limit) === best) ?? 0;
  const auto = simulate(link, job, (clock) => adaptiveConcurrency({ clock }));
  return { best, bestAt, four: fixed.get(4) ?? 0, auto };
}

/** With SHOW_LINKS=1. */
function show(name: string, { best, bestAt, four, auto }: Comparison): void {
  if (!process.env["SHOW_LINKS"]) return;
  const seconds = (time: number): string => `${(time / 1000).toFixed(1)} s`;
  console.log(
    `${name}: best ${seconds(best)} (of ${bestAt}), 4 ${seconds(four)}, auto ${seconds(auto.time)}` +
      ` = ${(auto.time / best).toFixed(2)} × best, ${(auto.time / four).toFixed(2)} × 4, ${auto.refused} refused`,
  );
}

test.for(["bytes", "parts"] as const)("on the four links, of which %s are seen", (sees) => {
  for (const [name, { link, job }] of Object.entries(LINKS)) {
    const comparison = compare(link, { ...job, sees }, SLOW ? EVERY : SOME);
    show(`${name} (${sees})`, comparison);
    expect(comparison.auto.time, name).toBeLessThan(comparison.best * 1.25);
    expect(comparison.auto.time, name).toBeLessThan(comparison.four * 1.25);
  }
});

/** A link that nothing was tuned on, and an upload that keeps it busy for 20 s to 5 minutes. */
function randomLink(seed: number): { link: Link; job: Job } {
  const random = seededRandom(seed * 7919);
  const between = (low: number, high: number): number => low * (high / low) ** random();
  random();
  const bandwidth = between(MB, 500 * MB);
  const perConnection = bandwidth / between(1, 40);
  const partSize = between(5 * MiB, 64 * MiB);
  const duration = between(20, 300);
  const changes =
    random() < 0.3
      ? [
          {
            at: random() * duration * 1000,
            bandwidth: bandwidth * between(0.1, 4),
            perConnection: perConnection * between(0.1, 4),
          },
        ]
      : [];
  const kind = random();
  const link = {
    bandwidth,
    perConnection,
    latency: between(5, 500),
    buffer: random() * 4 * MiB,
    tail: random() < 0.5 ? 0.01 : 0,
    crowding: random() < 0.3 ? 0.01 * random() : 0,
    maxConcurrent: kind < 0.3 ? 1 + Math.ceil(random() * 24) : undefined,
    requestsPerSecond: kind > 0.9 ? between(1, 50) : undefined,
    changes,
  };
  return { link, job: { size: Math.min(bandwidth * duration, 2000 * partSize), partSize, seed } };
}

test("on links of every kind it is near the best in nine of ten, and never much behind 4", () => {
  const COUNT = SLOW ? 40 : 10;
  let near = 0;
  for (let seed = 1; seed <= COUNT; seed += 1) {
    const { link, job } = randomLink(seed);
    const comparison = compare(link, job, SOME);
    show(`random ${seed}`, comparison);
    if (comparison.auto.time < comparison.best * 1.25) near += 1;
    expect(comparison.auto.time, `seed ${seed}`).toBeLessThan(comparison.four * 1.25);
  }
  expect(near).toBeGreaterThanOrEqual(COUNT * 0.9);
});

test("the network takes the time that arithmetic says", () => {
  const time = (link: Link, job: Job, parts: number): number =>
    Math.round(simulate(link, job, () => fixedConcurrency(parts)).time);
  const job = { size: 100 * MB, partSize: 10 * MB };
  expect(time({ bandwidth: 10 * MB, latency: 100 }, job, 1)).toBe(11_000);
  expect(time({ bandwidth: 10 * MB, latency: 100 }, job, 10)).toBe(10_100);
  expect(time({ bandwidth: 10 * MB, perConnection: MB, latency: 0 }, job, 5)).toBe(20_000);
  expect(time({ bandwidth: 10 * MB, latency: 0, changes: [{ at: 5_000, bandwidth: MB }] }, job, 1)).toBe(55_000);
  expect(time({ bandwidth: 10 * MB, latency: 0, tail: 1 }, job, 10)).toBe(15_000);
  const busy = simulate({ bandwidth: 10 * MB, latency: 0, maxConcurrent: 2 }, job, () => fixedConcurrency(10));
  expect(busy.refused).toBeGreaterThanOrEqual(8);
  expect(busy.peak).toBe(10);
});

test("a storm is over when the brake has worked: refusals are few, and a rise of what is allowed is found", () => {
  const link: Link = { bandwidth: 100 * MB, perConnection: 4 * MB, latency: 100, maxConcurrent: 6 };
  const job: Job = { size: 4 * GiB, partSize: 8 * MiB };
  const auto = simulate(link, job, (clock) => adaptiveConcurrency({ clock }));
  const storm = simulate(link, job, () => fixedConcurrency(32));
  // Measured: 54 against 585, of 512 parts.
  expect(auto.refused).toBeLessThan(storm.refused / 5);
  const risen = { ...link, changes: [{ at: 30_000, maxConcurrent: 20 }] };
  expect(simulate(risen, job, (clock) => adaptiveConcurrency({ clock })).peak).toBeGreaterThanOrEqual(18);
});
