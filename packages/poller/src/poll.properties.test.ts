import { virtualClock } from "@sluice/retry/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type PollOptions, PollStream, poll, type Snapshot, type Task } from "./index.ts";

const hint = fc.option(
  fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constantFrom(-1, Number.NaN, Infinity, "soon", 1e11)),
);
const answer = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record(
      {
        kind: fc.constant("snapshot"),
        state: fc.constantFrom("queued", "running", "running", "running", "paused", "succeeded", "failed", "canceled"),
        retryAfter: hint,
        progress: fc.oneof(fc.double(), fc.anything()),
      },
      { requiredKeys: ["kind", "state"] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("error"),
      retryable: fc.boolean(),
      retryAfter: hint,
      status: fc.constantFrom(404, 422, 429, 500, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("junk"), value: fc.anything() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "never" }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("slow"), time: fc.double({ min: 0, max: 1e5, noNaN: true }) }),
  },
);
const limits = fc.record(
  {
    interval: fc.double({ min: 1, max: 5000, noNaN: true }),
    maxInterval: fc.double({ min: 1, max: 60_000, noNaN: true }),
    deadline: fc.double({ min: 0, max: 1e7, noNaN: true }),
    grace: fc.double({ min: 0, max: 1e5, noNaN: true }),
    readTimeout: fc.double({ min: 1, max: 1e5, noNaN: true }),
    cancelOnDeadline: fc.boolean(),
    cancelOnAbort: fc.boolean(),
  },
  { requiredKeys: ["cancelOnDeadline", "cancelOnAbort"] },
);
type Answer = { kind: string; [name: string]: unknown };

/** The task, what was done with it and when, and before which time it must not be read again. */
function scripted(answers: readonly Answer[], clock: ReturnType<typeof virtualClock>) {
  const reads: number[] = [];
  const floors: number[] = [];
  let cancels = 0;
  const task: Task = {
    id: "job-1",
    async read({ signal }) {
      const at = clock.now();
      reads.push(at);
      const next = answers[reads.length - 1] ?? { kind: "snapshot", state: "succeeded" };
      const { kind, ...rest } = next;
      const after = rest["retryAfter"];
      floors.push(typeof after === "number" && after > 0 ? at + after : at);
      if (kind === "never") return new Promise(() => {});
      if (kind === "slow") {
        await new Promise<void>((resolve) => {
          const timer = clock.setTimeout(resolve, rest["time"] as number);
          signal.addEventListener("abort", () => clock.clearTimeout(timer));
        });
      }
      if (kind === "error") throw Object.assign(new Error("read"), rest);
      if (kind === "junk") return rest["value"] as Snapshot;
      return { state: "running", ...rest } as Snapshot;
    },
    async cancel() {
      cancels += 1;
    },
  };
  return { task, reads, floors, cancels: () => cancels };
}

describe("poll() for any sequence of answers", () => {
  test("settles, undercuts no hint, keeps the deadline, cancels at most once, and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { maxLength: 20 }),
        limits,
        fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), { minLength: 1 }),
        fc.option(fc.double({ min: 0, max: 1e5, noNaN: true })),
        async (answers, given, randoms, abortAt) => {
          const clock = virtualClock();
          const controller = new AbortController();
          const reason = new Error("stop");
          let draws = 0;
          const options: PollOptions = {
            ...given,
            clock,
            signal: controller.signal,
            random: () => randoms[draws++ % randoms.length] ?? 0,
          };
          const { task, reads, floors, cancels } = scripted(answers as Answer[], clock);
          const snapshots: Snapshot[] = [];
          let end = Number.NaN;
          const outcome = (async () => {
            for await (const snapshot of poll(task, options)) snapshots.push(snapshot);
          })().then(
            () => ({ error: undefined }),
            (error: unknown) => ({ error }),
          );
          void outcome.then(() => {
            end = clock.now();
          });
          if (abortAt !== null) {
            await clock.advance(abortAt);
            controller.abort(reason);
          }
          const { error } = await clock.run(outcome);

          for (const [index, at] of reads.entries()) {
            if (index > 0) expect(at).toBeGreaterThanOrEqual(floors[index - 1] ?? 0);
          }
          const { deadline = Infinity } = given;
          const aborted = error === reason;
          expect(end).toBeLessThanOrEqual(aborted ? Math.min(deadline, abortAt ?? 0) : deadline);
          for (const at of reads) expect(at).toBeLessThan(Math.max(deadline, 1e-9));
          const late = (error as { code?: string } | undefined)?.code === "deadline";
          const asked = aborted ? given.cancelOnAbort : late && given.cancelOnDeadline && given.deadline !== undefined;
          expect(cancels()).toBe(asked ? 1 : 0);
          expect(error === undefined).toBe(/succeeded|failed|canceled/.test(snapshots.at(-1)?.state ?? ""));
          for (const { state, progress, retryAfter = 0 } of snapshots) {
            expect(["queued", "running", "succeeded", "failed", "canceled"]).toContain(state);
            if (progress !== undefined) expect(progress >= 0 && progress <= 1).toBe(true);
            expect(retryAfter).toBeGreaterThanOrEqual(0);
          }
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe("PollStream for any tasks", () => {
  test("gives each one exactly one end, in the time that there is", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(answer, { maxLength: 6 }), { maxLength: 12 }),
        limits,
        fc.record({
          rate: fc.double({ min: 1, max: 1000, noNaN: true }),
          concurrency: fc.integer({ min: 1, max: 8 }),
          inFlight: fc.integer({ min: 1, max: 12 }),
        }),
        async (scripts, given, bounds) => {
          const clock = virtualClock();
          const stage = new PollStream({ ...given, ...bounds, clock });
          const writer = stage.writable.getWriter();
          const all = scripts.map((answers, index) => {
            const script = scripted(answers as Answer[], clock);
            // Some are the same task, written twice.
            return { ...script, task: { ...script.task, id: `${index % 10}` } };
          });
          const begun = new Map<Task, number>();
          const written = (async () => {
            for (const { task } of all) {
              begun.set(task, clock.now());
              await writer.write(task);
            }
            await writer.close();
          })();
          const ended: Task[] = [];
          const read = (async () => {
            for await (const { task, state } of stage.readable) {
              expect(["succeeded", "failed", "canceled"]).toContain(state);
              ended.push(task);
            }
          })();
          await clock.run(Promise.all([written, read]));
          expect(new Set(ended)).toEqual(new Set(all.map(({ task }) => task)));
          expect(ended.length).toBe(all.length);
          for (const { reads, floors } of all) {
            for (const [index, at] of reads.entries()) {
              if (index > 0) expect(at).toBeGreaterThanOrEqual(floors[index - 1] ?? 0);
            }
          }
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
