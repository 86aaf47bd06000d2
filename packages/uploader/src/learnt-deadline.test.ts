import fc from "fast-check";
import { expect, test } from "vitest";
import { LearntDeadline } from "./learnt-deadline.ts";

const MiB = 2 ** 20;
const STALL = 30_000;

test("before there is something to learn from, 16 KiB/s is slow enough", () => {
  const deadline = new LearntDeadline(STALL);
  expect(deadline.of(16 * 1024 * 100)).toBe(STALL + 100_000);
  for (let part = 0; part < 3; part += 1) deadline.learn(MiB, 100);
  expect(deadline.of(16 * 1024 * 100)).toBe(STALL + 100_000);
  deadline.learn(MiB, 100);
  expect(deadline.of(16 * 1024 * 100)).toBe(STALL);
});

test("then it is a multiple of the expected time for the size, wider where parts differ, and never below stallTimeout", () => {
  const even = new LearntDeadline(STALL);
  const uneven = new LearntDeadline(STALL);
  for (let part = 0; part < 50; part += 1) {
    even.learn(64 * MiB, 60_000);
    uneven.learn(64 * MiB, part % 2 ? 30_000 : 90_000);
  }
  expect(even.of(64 * MiB)).toBeGreaterThan(239_000);
  expect(even.of(64 * MiB)).toBeLessThan(250_000);
  expect(uneven.of(64 * MiB)).toBeGreaterThan(even.of(64 * MiB) * 1.4);
  expect(even.of(128 * MiB) / even.of(64 * MiB)).toBeCloseTo(2, 1);
  expect(even.of(MiB)).toBe(STALL);
});

test("deadlines that trip at once widen it once; what comes through narrows it again", () => {
  const deadline = new LearntDeadline(STALL);
  for (let part = 0; part < 20; part += 1) deadline.learn(MiB, 1_000);
  const before = deadline.of(MiB);
  for (let part = 0; part < 32; part += 1) deadline.missed(MiB, before);
  expect(deadline.of(MiB)).toBeCloseTo(4 * before, 6);
  // One that had been set long ago.
  deadline.missed(MiB, before / 10);
  expect(deadline.of(MiB)).toBeCloseTo(4 * before, 6);
  for (let part = 0; part < 10; part += 1) deadline.learn(MiB, 1_000);
  expect(deadline.of(MiB)).toBe(STALL);
});

/** Sends parts one after another, five attempts each, over a link that is `slower` from the tenth on. */
function send(parts: readonly number[], speed: number, slower: number): { late: number; most: number } {
  const deadline = new LearntDeadline(STALL);
  let late = 0;
  let most = 0;
  parts.forEach((bytes, index) => {
    const takes = 100 + (bytes / speed) * 1000 * (index < 10 ? 1 : slower);
    for (let attempt = 1; ; attempt += 1) {
      const allowed = deadline.of(bytes);
      most = Math.max(most, attempt);
      if (takes < allowed) break;
      if (attempt === 5) throw new Error(`part ${index} of ${bytes} bytes never came through`);
      deadline.missed(bytes, allowed);
      late += 1;
    }
    deadline.learn(bytes, takes);
  });
  return { late, most };
}

test("an upload over a link that becomes 50 times slower finishes, within the attempts a part has", () => {
  const { late, most } = send(new Array(100).fill(64 * MiB), 50e6, 50);
  expect(late).toBeLessThanOrEqual(3);
  expect(most).toBeLessThanOrEqual(4);
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 512 * MiB }), { minLength: 11, maxLength: 60 }),
      fc.integer({ min: 20_000, max: 1e9 }),
      fc.double({ min: 1, max: 50, noNaN: true }),
      (sizes, speed, slower) => {
        send(sizes, speed, slower);
      },
    ),
  );
});

test("the time of a tiny part, or of none at all, says little about a large one", () => {
  const deadline = new LearntDeadline(STALL);
  for (let part = 0; part < 20; part += 1) deadline.learn(64 * MiB, 10_000);
  const before = deadline.of(64 * MiB);
  deadline.learn(1, 200);
  deadline.learn(0, 200);
  expect(deadline.of(64 * MiB)).toBeLessThan(before * 5);
  expect(deadline.of(0)).toBe(STALL);
});

test("even from the first part on, on a link far slower than is expected", () => {
  expect(send(new Array(20).fill(64 * MiB), 1_000, 1).late).toBeLessThanOrEqual(3);
});

test("a part that hangs on a steady link is found in a few times its usual time", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 1e9 }),
      fc.array(fc.double({ min: 0.5, max: 2, noNaN: true })),
      (speed, luck) => {
        const deadline = new LearntDeadline(STALL);
        const usual = ((8 * MiB) / speed) * 1000;
        for (const factor of [1, 1, 1, 1, ...luck]) deadline.learn(8 * MiB, usual * factor);
        expect(deadline.of(8 * MiB)).toBeLessThanOrEqual(Math.max(STALL, usual * 15));
        expect(deadline.of(8 * MiB)).toBeGreaterThanOrEqual(Math.max(STALL, usual * 2));
      },
    ),
  );
});
