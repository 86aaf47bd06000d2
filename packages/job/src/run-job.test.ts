import { PollDeadlineError, type Snapshot, TaskCanceledError, TaskFailedError } from "@sluice/poller";
import { virtualClock } from "@sluice/retry/testing";
import { type Journal, LockedError, memoryJournal, upload } from "@sluice/uploader";
import { MemoryTarget } from "@sluice/uploader/testing";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type JobEvent,
  type JobOptions,
  type JobProgress,
  NotRecordedError,
  runJob,
  StartUnknownError,
  type StepContext,
} from "./index.ts";
import { fileOf } from "./mortal-world.test.support.ts";

type Started = { id: string };

/** A service, and what was asked of it. */
function service(snapshots: readonly Snapshot<string>[] = [{ state: "succeeded", result: "text" }]) {
  const clock = virtualClock(1_700_000_000_000);
  const calls: string[] = [];
  const journal = memoryJournal();
  const events: JobEvent[] = [];
  let reads = 0;
  const job = {
    key: "job",
    journal,
    clock,
    random: () => 0.5,
    onEvent: (event: JobEvent) => void events.push(event),
    async send(_context: StepContext): Promise<string> {
      calls.push("send");
      return "file-1";
    },
    async start(file: string, _context: StepContext): Promise<Started> {
      calls.push(`start ${file}`);
      return { id: "task-1" };
    },
    task: ({ id }: Started) => ({
      id,
      async read() {
        calls.push("read");
        reads += 1;
        return snapshots[reads - 1] ?? { state: "succeeded" as const, result: "text" };
      },
      cancel: async () => void calls.push("cancel"),
    }),
  };
  const run = (options: Partial<Omit<typeof job, "journal">> & JobOptions<Started, string> = {}) => {
    const all = { ...job, ...options };
    return clock.run(runJob(all).catch((error: unknown) => error));
  };
  const types = async () => (await journal.read("job")).map(({ type }) => type);
  return { clock, calls, journal, events, job, run, types };
}

/** The journal, whose appends of one type fail. */
const failing = (journal: Journal, type: string): Journal => ({
  ...journal,
  append: (key, entry) =>
    entry["type"] === type ? Promise.reject(new Error("no space left on device")) : journal.append(key, entry),
});

describe("runJob", () => {
  test("sends, starts, follows, and forgets", async () => {
    const { run, calls, journal } = service([{ state: "queued" }, { state: "running" }]);
    expect(await run()).toBe("text");
    expect(calls).toEqual(["send", "start file-1", "read", "read", "read"]);
    expect(await Array.fromAsync(journal.list())).toEqual([]);
    await (await journal.lock("job"))[Symbol.asyncDispose]();
  });

  test("has no need of a start, nor of a journal", async () => {
    const { job, clock, calls } = service();
    const { send: _, start: __, ...rest } = job;
    const result = runJob({
      ...rest,
      journal: undefined,
      key: undefined,
      send: async (context) => {
        expectTypeOf(context).toEqualTypeOf<StepContext>();
        expect([context.journal, context.key]).toEqual([undefined, undefined]);
        return { id: "task-7" };
      },
    });
    expectTypeOf(result).toEqualTypeOf<Promise<string>>();
    expect(await clock.run(result)).toBe("text");
    expect(calls).toEqual(["read"]);
  });

  test("infers what the steps hand on", async () => {
    const result = await runJob({
      send: async () => ({ file: "a" }),
      start: async ({ file }) => ({ id: `${file}1` }),
      task: ({ id }) => ({ id, read: async () => ({ state: "succeeded", result: id.length }) }),
    });
    expectTypeOf(result).toEqualTypeOf<number>();
    expect(result).toBe(2);
  });

  test("is run by one at a time", async () => {
    const { run, job, clock } = service([{ state: "running" }]);
    const first = runJob(job);
    expect(await run()).toBeInstanceOf(LockedError);
    expect(await clock.run(first)).toBe("text");
  });

  test("gives its context to an upload as it is, and tells the progress of all steps", async () => {
    const { run, clock } = service([{ state: "running", progress: 0.5 }]);
    const reports: JobProgress[] = [];
    const target = new MemoryTarget({ preferredPartSize: 4 });
    const send = async (context: StepContext) => {
      expect(context.key).toBe('["job","send"]');
      await upload(fileOf("talk.mp4"), target, { ...context, clock });
      return "file-1";
    };
    expect(await run({ send, onProgress: (progress) => void reports.push(progress) })).toBe("text");
    const steps = reports.map(({ step }) => step);
    expect(steps).toEqual([...steps].sort((a, b) => "send start task".indexOf(a) - "send start task".indexOf(b)));
    expect(new Set(steps).size).toBe(3);
    const bytes = reports.filter(({ step }) => step === "send").at(-1);
    expect(bytes).toMatchObject({ fraction: 1, bytes: { acknowledged: 17, total: 17 } });
    expect(reports.slice(-2)).toMatchObject([
      { step: "task", fraction: 0.5, snapshot: { state: "running" } },
      { step: "task", snapshot: { state: "succeeded" } },
    ]);
  });

  test.each([
    [{ state: "failed", error: "no GPU" } as const, TaskFailedError],
    [{ state: "canceled" } as const, TaskCanceledError],
  ])("ends with a task that %j, and forgets it", async (snapshot, Kind) => {
    const { run, journal } = service([snapshot]);
    expect(await run()).toBeInstanceOf(Kind);
    expect(await Array.fromAsync(journal.list())).toEqual([]);
  });

  test("is kept when reads fail, and goes on with the task", async () => {
    const { run, calls, events, job } = service();
    const denied = Object.assign(new Error("denied"), { status: 401 });
    const task = ({ id }: Started) => ({ ...job.task({ id }), read: () => Promise.reject(denied) });
    expect(await run({ task })).toBe(denied);
    expect(await run()).toBe("text");
    expect(calls).toEqual(["send", "start file-1", "read"]);
    expect(events).toEqual([{ type: "resume", step: "task" }]);
  });
});

describe("runJob, where a step fails", () => {
  test("passes on what send failed with, and sends again", async () => {
    const { run, calls } = service();
    const refused = new Error("refused");
    expect(await run({ send: () => Promise.reject(refused) })).toBe(refused);
    expect(await run()).toBe("text");
    expect(calls).toEqual(["send", "start file-1", "read"]);
  });

  test.each([
    { status: 401 },
    { status: 429, retryable: true },
    { reached: false },
    { code: "soft-error", status: 200 },
  ])("takes a start that failed with %j for not made, and makes it again", async (fields) => {
    const { run, calls, events } = service();
    const refused = Object.assign(new Error("refused"), fields);
    expect(await run({ start: () => Promise.reject(refused) })).toBe(refused);
    expect(await run()).toBe("text");
    expect(calls).toEqual(["send", "start file-1", "read"]);
    expect(events).toEqual([{ type: "resume", step: "start" }]);
  });

  test.each([
    {},
    { status: 408 },
    { status: 500 },
    { status: 502, retryable: true },
    { reached: true },
    { status: 200 },
  ])("does not know of a start that failed with %j, now and later, until it is told", async (fields) => {
    const { run, calls, types, clock } = service();
    const lost = Object.assign(new Error("lost"), fields);
    const start = () => Promise.reject(lost);
    const error = (await run({ start })) as StartUnknownError;
    const known = { code: "start-unknown", retryable: false, key: "job", sent: "file-1", cause: lost };
    expect(error).toBeInstanceOf(StartUnknownError);
    expect(error).toMatchObject(known);
    expect(error.since?.getTime()).toBe(clock.now());
    expect(error.message).toMatch(
      /^Cannot tell whether job "job" was started: .*2023-11-14T22:13:20.000Z.*startAgain: true/,
    );
    const { cause: _, ...still } = known;
    expect(await run()).toMatchObject({ ...still, since: error.since });
    expect(calls).toEqual(["send"]);
    expect(await types()).toEqual(["job", "sent", "starting"]);
    expect(await run({ startAgain: true })).toBe("text");
    expect(calls).toEqual(["send", "start file-1", "read"]);
  });

  test("goes on with what was started, when it is told", async () => {
    const { run, job, calls } = service();
    await run({ start: () => Promise.reject(new Error("lost")) });
    const ids: string[] = [];
    const task = (started: Started) => {
      ids.push(started.id);
      return { ...job.task(started), read: () => Promise.reject(new Error("denied")) };
    };
    expect(await run({ started: { id: "task-9" }, task })).toMatchObject({ message: "denied" });
    // From here on it is written down.
    const next = (started: Started) => {
      ids.push(started.id);
      return job.task(started);
    };
    expect(await run({ task: next })).toBe("text");
    expect([ids, calls]).toEqual([
      ["task-9", "task-9"],
      ["send", "read"],
    ]);
  });

  test("whose send starts it does not know either", async () => {
    const { job, clock, calls } = service();
    const { start: _, ...rest } = job;
    const lost = new Error("lost");
    const run = (send: () => Promise<Started>, options = {}) =>
      clock.run(runJob({ ...rest, send, ...options }).catch((error: unknown) => error));
    const refused = Object.assign(new Error("busy"), { status: 429 });
    expect(await run(() => Promise.reject(refused))).toBe(refused);
    expect(await run(() => Promise.reject(lost))).toMatchObject({
      code: "start-unknown",
      sent: undefined,
      cause: lost,
    });
    expect(await run(async () => ({ id: "task-2" }))).toMatchObject({ code: "start-unknown" });
    expect(await run(async () => ({ id: "task-2" }), { startAgain: true })).toBe("text");
    expect(calls).toEqual(["read"]);
  });

  test("says what was started when the journal does not take it", async () => {
    const { run, journal, calls } = service();
    const error = (await run({ journal: failing(journal, "started") })) as NotRecordedError;
    expect(error).toBeInstanceOf(NotRecordedError);
    expect(error).toMatchObject({ code: "not-recorded", key: "job", started: { id: "task-1" } });
    expect(error.message).toContain("no space left on device");
    expect(await run()).toBeInstanceOf(StartUnknownError);
    expect(await run({ started: error.started as Started })).toBe("text");
    expect(calls).toEqual(["send", "start file-1", "read"]);
  });

  test.each(["sent", "starting"])("starts nothing when the journal does not take %j", async (type) => {
    const { run, journal, calls } = service();
    expect(await run({ journal: failing(journal, type) })).toMatchObject({ message: "no space left on device" });
    expect(calls).toEqual(["send"]);
    expect(await run()).toBe("text");
  });

  test("goes on when the journal does not take how far the task was followed, and says so", async () => {
    const { run, journal, events } = service([{ state: "running", retryAfter: 60_000 }]);
    const full = { ...failing(journal, "polling"), remove: () => Promise.reject(new Error("read-only")) };
    expect(await run({ journal: full })).toBe("text");
    expect(events.map(({ type }) => type)).toEqual(["not-recorded", "not-recorded", "not-recorded"]);
  });

  test.each([true, false])("refuses what is no JSON (with a journal: %s)", async (kept) => {
    const { run, calls, journal } = service();
    const options = { journal: kept ? journal : undefined };
    const sent = await run({ ...options, send: async () => new Date() as never });
    expect(sent).toBeInstanceOf(TypeError);
    expect(sent).toMatchObject({ message: expect.stringMatching(/what "send" resolves to must be plain JSON/) });
    expect(calls).toEqual([]);
    const started = await run({ ...options, start: async () => ({ id: "task-1", task() {} }) });
    expect(started).toBeInstanceOf(TypeError);
    expect(started).toMatchObject({ message: expect.stringContaining('"start"'), started: { id: "task-1" } });
  });
});

describe("runJob, aborted", () => {
  const reason = new Error("closed the lid");

  test("before anything, does nothing", async () => {
    const { run, calls, journal } = service();
    expect(await run({ signal: AbortSignal.abort(reason) })).toBe(reason);
    expect([calls, await Array.fromAsync(journal.list())]).toEqual([[], []]);
  });

  test("while it sends, ends the sending at once, and sends again later", async () => {
    const { run, calls, types } = service();
    const abort = new AbortController();
    const send = ({ signal }: StepContext) =>
      new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("the socket was closed", { cause: signal.reason })));
        abort.abort(reason);
      });
    expect(await run({ send, signal: abort.signal })).toBe(reason);
    expect(await types()).toEqual(["job"]);
    expect(await run()).toBe("text");
    expect(calls).toEqual(["send", "start file-1", "read"]);
  });

  test("while it starts, waits for the answer, and writes it down", async () => {
    for (const cancelOnAbort of [false, true]) {
      const { run, calls, clock, types } = service();
      const abort = new AbortController();
      const start = async (_file: string, { signal }: StepContext) => {
        abort.abort(reason);
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 3_000));
        expect(signal.aborted).toBe(false);
        return { id: "task-1" };
      };
      expect(await run({ start, signal: abort.signal, cancelOnAbort })).toBe(reason);
      expect(await types()).toEqual(["job", "sent", "starting", "started", "polling"]);
      expect(calls).toEqual(cancelOnAbort ? ["send", "cancel"] : ["send"]);
      expect(clock.pending).toBe(0);
      expect(await run()).toBe("text");
    }
  });

  test("while it starts, for so long and no longer", async () => {
    const { run, clock, types } = service();
    const abort = new AbortController();
    let seen: unknown;
    const start = (_file: string, { signal }: StepContext) =>
      new Promise<never>(() => {
        signal.addEventListener("abort", () => {
          seen = signal.reason;
        });
        abort.abort(reason);
      });
    const begun = clock.now();
    expect(await run({ start, signal: abort.signal, cleanupTimeout: 2_000 })).toBe(reason);
    expect([seen, clock.now() - begun, clock.pending]).toEqual([reason, 2_000, 0]);
    expect(await types()).toEqual(["job", "sent", "starting"]);
    expect(await run()).toBeInstanceOf(StartUnknownError);
  });

  test("while it follows, keeps the task, and takes it up", async () => {
    const { run, calls, job } = service([{ state: "running" }]);
    const abort = new AbortController();
    const onProgress = ({ step }: JobProgress) => {
      if (step === "task") abort.abort(reason);
    };
    expect(await run({ signal: abort.signal, onProgress })).toBe(reason);
    expect(await run()).toBe("text");
    expect(calls).toEqual(["send", "start file-1", "read", "read"]);
    expect(job.key).toBe("job");
  });
});

describe("runJob, with a deadline", () => {
  const forever = Array.from({ length: 500 }, () => ({ state: "running" }) as const);

  test("keeps it over a crash, and looks once more at what ended meanwhile", async () => {
    const { run, clock, journal } = service(forever);
    const abort = new AbortController();
    const onProgress = ({ step }: JobProgress) => void (step === "task" && abort.abort("enough"));
    const begun = clock.now();
    expect(await run({ deadline: 60_000, signal: abort.signal, onProgress })).toBe("enough");
    await clock.advance(30_000);
    const late = await run({ deadline: 60_000 });
    expect(late).toBeInstanceOf(PollDeadlineError);
    expect(clock.now() - begun).toBe(60_000);
    expect((await journal.read("job")).at(-1)).toEqual({ type: "late" });
  });

  test("has all the time again after it was told that the deadline passed", async () => {
    const { run, clock, calls } = service(forever);
    for (let round = 1; round < 3; round += 1) {
      const begun = clock.now();
      expect(await run({ deadline: 60_000 })).toBeInstanceOf(PollDeadlineError);
      expect(clock.now() - begun).toBe(60_000);
    }
    expect(calls.filter((call) => call !== "read")).toEqual(["send", "start file-1"]);
  });

  test.each([true, false])(
    "looks at a task whose deadline passed while no process was there (ended: %s)",
    async (ended) => {
      const { run, clock, calls } = service(ended ? [{ state: "running" }] : forever);
      const abort = new AbortController();
      const onProgress = ({ step }: JobProgress) => void (step === "task" && abort.abort("enough"));
      await run({ deadline: 60_000, signal: abort.signal, onProgress });
      await clock.advance(3_600_000);
      const begun = clock.now();
      const outcome = await run({ deadline: 60_000, cancelOnDeadline: true });
      if (ended) expect(outcome).toBe("text");
      else expect(outcome).toBeInstanceOf(PollDeadlineError);
      expect(clock.now() - begun).toBe(0);
      expect(calls.slice(2)).toEqual(["read", "read", ...(ended ? [] : ["cancel"])]);
    },
  );

  test("keeps the server's wait over a crash", async () => {
    const { run, clock, job } = service([{ state: "running", retryAfter: 600_000 }]);
    const dying = runJob({
      ...job,
      journal: { ...job.journal, lock: async () => ({ async [Symbol.asyncDispose]() {} }) },
    });
    dying.catch(() => {});
    await clock.advance(1_000);
    const begun = clock.now();
    const times: number[] = [];
    const onProgress = ({ step }: JobProgress) => void (step === "task" && times.push(clock.now() - begun));
    expect(await run({ onProgress })).toBe("text");
    expect(times[0]).toBeGreaterThanOrEqual(599_000);
  });
});

describe("runJob, with a journal that cannot be trusted", () => {
  /** The journal as one that is found damaged at the first look, and set aside. */
  const damaged = (journal: Journal, reason: "damaged" | "torn"): Journal => {
    let found = true;
    return {
      ...journal,
      async read(key, warn) {
        if (found && key === "job") warn?.({ reason, key, message: "line 3 was changed", at: "job.damaged" });
        found = false;
        return journal.read(key);
      },
    };
  };

  test("does not know whether it was started, now and later, until it is told", async () => {
    const { run, journal, events, calls } = service();
    expect(await run({ journal: damaged(journal, "damaged") })).toMatchObject({
      code: "start-unknown",
      sent: undefined,
      since: undefined,
    });
    expect(events[0]).toMatchObject({ type: "journal", warning: { reason: "damaged", at: "job.damaged" } });
    expect(await run()).toBeInstanceOf(StartUnknownError);
    expect(calls).toEqual([]);
    expect(await run({ startAgain: true })).toBe("text");
  });

  test("trusts what stands before a line that was cut off", async () => {
    const { run, journal, events, calls } = service();
    await run({ start: () => Promise.reject(Object.assign(new Error("busy"), { status: 429 })) });
    expect(await run({ journal: damaged(journal, "torn") })).toBe("text");
    expect(events[0]).toMatchObject({ type: "journal", warning: { reason: "torn" } });
    expect(calls).toEqual(["send", "start file-1", "read"]);
  });

  test.each([
    ["another program's", [{ type: "upload", format: 1 }]],
    ["of a newer format", [{ type: "job", format: 2 }]],
    ["with an entry of a newer release", [{ type: "job", format: 1 }, { type: "sent", value: 1 }, { type: "paused" }]],
  ])("leaves one that is %s where it is, until it is told", async (_, entries) => {
    const { run, journal, calls, events } = service();
    for (const entry of entries) await journal.append("job", entry);
    for (let round = 0; round < 2; round += 1) expect(await run()).toBeInstanceOf(StartUnknownError);
    expect(await journal.read("job")).toEqual(entries);
    expect(calls).toEqual([]);
    expect(await run({ startAgain: true })).toBe("text");
    expect(events[0]).toMatchObject({ type: "journal", warning: { reason: "foreign", key: "job" } });
  });
});

describe("runJob refuses", () => {
  const { job, calls } = service();
  test.each([
    [null, TypeError, '"send" must be a function, received undefined'],
    [{ ...job, task: 1 }, TypeError, '"task" must be a function, received number'],
    [{ ...job, start: "go" }, TypeError, '"start" must be a function, received string'],
    [{ ...job, journal: {} }, TypeError, '"journal" must be a journal with "lock", received object'],
    [{ ...job, key: undefined }, TypeError, '"key" must be a string, received undefined'],
    [{ ...job, onProgress: true }, TypeError, '"onProgress" must be a function, received boolean'],
    [{ ...job, cleanupTimeout: -1 }, RangeError, '"cleanupTimeout" must be a number from 0 to 2147483647, received -1'],
    [{ ...job, startAgain: true, started: {} }, TypeError, '"startAgain" must be left out where "started" is given'],
    [{ ...job, interval: -1 }, RangeError, '"interval"'],
    [{ ...job, deadline: "soon" }, TypeError, '"deadline"'],
  ])("%# before anything is sent", async (given, Kind, message) => {
    const error = await runJob(given as typeof job).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(Kind);
    expect(error).toMatchObject({ message: expect.stringContaining(message) });
    expect(calls).toEqual([]);
  });
});
