import { type VirtualClock, virtualClock } from "@sluice/retry/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Progress, ProgressMeter, type ProgressOptions } from "./progress.ts";

const MiB = 2 ** 20;

function meterOn(
  clock: VirtualClock,
  options: Partial<ProgressOptions> = {},
): { meter: ProgressMeter; reports: (Progress & { time: number })[] } {
  const reports: (Progress & { time: number })[] = [];
  const report = (progress: Progress): void => void reports.push({ ...progress, time: clock.now() });
  const raise = (error: unknown): void => {
    throw error;
  };
  return { meter: new ProgressMeter({ clock, report, raise, ...options }), reports };
}

test("it reports ten times a second at most, and the last state always", async () => {
  const clock = virtualClock();
  const { meter, reports } = meterOn(clock, { total: 100, parts: 1 });
  meter.read(10);
  meter.read(10);
  meter.sent(10);
  expect(reports).toHaveLength(1);
  expect(clock.pending).toBe(1);
  await clock.advance(1_000);
  expect(reports.map(({ time, read, sent }) => [time, read, sent])).toEqual([
    [0, 10, 0],
    [100, 20, 10],
  ]);
  expect(clock.pending).toBe(0);
  meter.sent(90);
  meter.acknowledge(100);
  meter.close();
  expect(reports.at(-1)).toMatchObject({ time: 1_000, acknowledged: 100, parts: { done: 1, total: 1 } });
  expect(clock.pending).toBe(0);
  const count = reports.length;
  meter.close();
  meter.sent(1);
  await clock.advance(1_000);
  expect(reports).toHaveLength(count);
  expect(clock.pending).toBe(0);
});

test("nothing that has been told is told again at the end", () => {
  const clock = virtualClock();
  const { meter, reports } = meterOn(clock);
  meter.sent(1);
  meter.close();
  expect(reports).toHaveLength(1);
});

test("rate and time left count the bytes of large parts before any of them has arrived, and do not jump when one does", async () => {
  const clock = virtualClock();
  const { meter, reports } = meterOn(clock, { total: 320 * MiB, parts: 5 });
  // Four parts of 64 MiB at once, together 4 MiB a second.
  for (let tick = 1; tick <= 240; tick += 1) {
    await clock.advance(250);
    meter.sent(MiB);
    if (tick % 64 === 0) meter.acknowledge(64 * MiB);
  }
  const rates = reports.filter(({ time }) => time >= 1_000).map(({ rate = 0 }) => rate / MiB);
  expect(Math.min(...rates)).toBeGreaterThan(3.9);
  expect(Math.max(...rates)).toBeLessThan(4.2);
  const { eta = 0 } = reports.at(-1) ?? {};
  expect(eta).toBeGreaterThan(19_000);
  expect(eta).toBeLessThan(21_000);
  meter.close();
});

test("where bytes are not seen, they count when the part arrives", async () => {
  const clock = virtualClock();
  const { meter } = meterOn(clock, { total: 100, parts: 10 });
  for (let part = 0; part < 5; part += 1) {
    await clock.advance(1_000);
    meter.acknowledge(10, 0);
  }
  expect(meter.progress).toEqual({
    read: 0,
    sent: 50,
    acknowledged: 50,
    total: 100,
    rate: 10,
    eta: 5_000,
    parts: { done: 5, total: 10 },
  });
  meter.close();
});

test("an old burst is forgotten, and a pause does not count for longer than the window", async () => {
  const clock = virtualClock();
  const { meter } = meterOn(clock);
  meter.sent(1e9);
  await clock.advance(20_000);
  expect(meter.progress.rate).toBe(1e8);
  for (let second = 0; second < 11; second += 1) {
    meter.sent(100);
    await clock.advance(1_000);
  }
  expect(meter.progress.rate).toBe(100);
  await clock.advance(600_000);
  for (let second = 0; second < 10; second += 1) {
    await clock.advance(1_000);
    meter.sent(100);
  }
  expect(meter.progress.rate).toBe(100);
  meter.close();
});

test("a resumed upload begins with what is there, which is no part of the rate", async () => {
  const clock = virtualClock();
  const { meter } = meterOn(clock, { total: 1_000, parts: 10, acknowledged: 500, done: 5 });
  await clock.advance(2_000);
  meter.sent(100);
  expect(meter.progress).toMatchObject({ read: 500, sent: 600, acknowledged: 500, rate: 50, eta: 8_000 });
  meter.close();
});

test("the total of a stream may come late", async () => {
  const clock = virtualClock();
  const { meter } = meterOn(clock);
  await clock.advance(1_000);
  meter.sent(100);
  expect(meter.progress).toMatchObject({ total: undefined, rate: 100, eta: undefined, parts: { total: undefined } });
  meter.ends(200, 2);
  expect(meter.progress).toMatchObject({ total: 200, eta: 1_000, parts: { done: 0, total: 2 } });
  meter.close();
});

test("willTake counts from the creation, once a window has been measured", async () => {
  const clock = virtualClock(1e12);
  const { meter } = meterOn(clock, { total: 10_000, parts: 1, createdAt: 1e12 - 60_000 });
  for (let second = 0; second < 10; second += 1) {
    expect(meter.willTake()).toBeUndefined();
    await clock.advance(1_000);
    meter.sent(10);
  }
  expect(meter.willTake()).toBe(60_000 + 1_000_000);
  meter.close();
});

test("an attempt that failed late leaves what has arrived to go by", async () => {
  const clock = virtualClock();
  const { meter } = meterOn(clock, { total: 1_000 });
  await clock.advance(1_000);
  meter.sent(500);
  await clock.advance(11_000);
  meter.sent(100);
  meter.acknowledge(100);
  await clock.advance(5_000);
  meter.sent(-500);
  expect(meter.progress).toMatchObject({ sent: 100, acknowledged: 100, rate: 10 });
  meter.close();
});

test("what the listener throws is handed on, and the meter goes on", async () => {
  const clock = virtualClock();
  const raised: unknown[] = [];
  const report = (): void => {
    throw new Error("oops");
  };
  const { meter } = meterOn(clock, { report, raise: (error) => void raised.push(error) });
  meter.sent(1);
  meter.sent(1);
  await clock.advance(1_000);
  expect(raised).toEqual([new Error("oops"), new Error("oops")]);
  meter.close();
});

test("whatever happens: acknowledged never goes back, sent is never behind it, and no timer is left", async () => {
  const event = fc.oneof(
    fc.record({ what: fc.constant("start" as const), size: fc.integer({ min: 1, max: 1e8 }) }),
    fc.record({ what: fc.constant("sent" as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ what: fc.constantFrom("fail" as const, "arrive" as const) }),
    fc.record({ what: fc.constant("wait" as const), duration: fc.integer({ min: 1, max: 15_000 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
      const clock = virtualClock();
      const { meter, reports } = meterOn(clock, { total: 4e9, parts: 40 });
      const flights: { size: number; sent: number }[] = [];
      for (const event of events) {
        const [flight] = flights;
        if (event.what === "wait") await clock.advance(event.duration);
        else if (event.what === "start") flights.push({ size: event.size, sent: 0 });
        else if (flight && event.what === "sent") {
          const bytes = Math.floor((flight.size - flight.sent) * event.share);
          flight.sent += bytes;
          meter.sent(bytes);
        } else if (flight && event.what === "fail") {
          meter.sent(-flight.sent);
          flight.sent = 0;
        } else if (flight) {
          meter.acknowledge(flight.size, flight.sent);
          flights.shift();
        }
      }
      meter.close();
      let last: (Progress & { time: number }) | undefined;
      for (const report of reports) {
        expect(report.acknowledged).toBeGreaterThanOrEqual(last?.acknowledged ?? 0);
        expect(report.sent).toBeGreaterThanOrEqual(report.acknowledged);
        expect(report.rate ?? 1).toBeGreaterThan(0);
        expect(report.eta ?? 0).toBeGreaterThanOrEqual(0);
        if (last && report !== reports.at(-1)) expect(report.time - last.time).toBeGreaterThanOrEqual(100);
        last = report;
      }
      const inFlight = flights.reduce((sum, { sent }) => sum + sent, 0);
      if (last) expect(last.sent - last.acknowledged).toBe(inFlight);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 50 },
  );
});
