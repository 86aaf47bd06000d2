import { spawnSync } from "node:child_process";
import { getEventListeners, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { virtualClock } from "@sluice/retry/testing";
import { adopt } from "@sluice/streams";
import { describe, expect, test } from "vitest";
import { type PollOptions, PollStream, poll, type Snapshot, type Task, waitFor } from "./index.ts";

const running: Snapshot = { state: "running" };
const nothing = (): void => {};

describe("poll() on Node", () => {
  test("leaves no listener on the signal, however it ends, and keeps one at most", async () => {
    const busy = Object.assign(new Error("busy"), { retryable: true });
    const endings: Record<string, (options: PollOptions, abort: () => void) => Promise<unknown>> = {
      success: (options) => waitFor({ id: "a", read: async () => ({ state: "succeeded" }) }, options),
      failure: (options) => waitFor({ id: "a", read: async () => ({ state: "failed" }) }, options),
      "a failed read": (options) => waitFor({ id: "a", read: () => Promise.reject(new Error("x")) }, options),
      "failed reads": (options) => waitFor({ id: "a", read: () => Promise.reject(busy) }, options),
      "a bad reply": (options) => waitFor({ id: "a", read: async () => null as never }, options),
      "the deadline": (options) => waitFor({ id: "a", read: async () => running }, { ...options, deadline: 1e6 }),
      "an abort": (options, abort) => {
        const read: Task["read"] = async ({ attempt }) => {
          if (attempt === 50) abort();
          return running;
        };
        return waitFor({ id: "a", read }, options);
      },
      "being left": async (options) => {
        for await (const _ of poll({ id: "a", read: async () => running }, options)) break;
      },
      "being left between two rounds": async (options) => {
        await poll({ id: "a", read: async () => running }, options)
          [Symbol.asyncIterator]()
          .next();
      },
    };
    for (const [name, run] of Object.entries(endings)) {
      const clock = virtualClock();
      const controller = new AbortController();
      const { signal } = controller;
      let most = 0;
      const onSnapshot = () => {
        most = Math.max(most, getEventListeners(signal, "abort").length);
      };
      await clock.run(run({ clock, signal, onSnapshot }, () => controller.abort()).catch(nothing));
      expect([name, most <= 1, getEventListeners(signal, "abort").length, clock.pending]).toEqual([name, true, 0, 0]);
    }
  });

  test("leaves no listener on a stage's signal", async () => {
    const { signal } = new AbortController();
    const tasks = Array.from(
      { length: 20 },
      (_, index): Task => ({ id: `${index}`, read: async () => ({ state: "succeeded" }) }),
    );
    for await (const _ of adopt(tasks).pipeThrough(new PollStream({ signal }))) {
      expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
    }
    expect(getEventListeners(signal, "abort").length).toBe(0);
  });

  test("reports no unhandled rejection for reads and cancels that fail after the end", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listener);
    try {
      const late = ({ signal }: { signal: AbortSignal }): Promise<never> =>
        new Promise((_, reject) => signal.addEventListener("abort", () => setTimeout(reject, 5, new Error("late"))));
      const task: Task = { id: "a", read: late, cancel: late };
      await waitFor(task, { deadline: 5, cancelOnDeadline: false }).catch(nothing);
      await waitFor(task, { signal: AbortSignal.timeout(5), readTimeout: 2 }).catch(nothing);
      const stage = new PollStream({ deadline: 20 });
      const writer = stage.writable.getWriter();
      await writer.write(task);
      await writer.abort(new Error("stop"));
      poll(task, { signal: AbortSignal.abort() });
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(unhandled).toEqual([]);
    } finally {
      process.off("unhandledRejection", listener);
    }
  });

  test("closes the connection of a read that is aborted", async () => {
    let requests = 0;
    const hanging = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const server = createServer((_, response) => {
      requests += 1;
      if (requests === 1) response.end(JSON.stringify(running));
      else {
        response.on("close", closed.resolve);
        hanging.resolve();
      }
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const read: Task["read"] = async ({ signal }) => (await fetch(url, { signal })).json() as Promise<Snapshot>;
    try {
      const controller = new AbortController();
      const reason = new Error("stop");
      const { signal } = controller;
      const outcome = waitFor({ id: "a", read }, { interval: 5, signal }).catch((error: unknown) => error);
      await hanging.promise;
      controller.abort(reason);
      expect(await outcome).toBe(reason);
      await closed.promise;
      expect(requests).toBe(2);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("keeps the process alive while it sleeps, and not longer", () => {
    const entry = new URL("../dist/index.js", import.meta.url).href;
    const code = `
      import { poll, PollStream, waitFor } from ${JSON.stringify(entry)};
      const read = async ({ attempt }) => ({ state: attempt < 3 ? "running" : "succeeded" });
      await waitFor({ id: "a", read }, { interval: 50, deadline: 3600000 });
      const stage = new PollStream({ interval: 50, deadline: 3600000, rate: 0.001, concurrency: 1 });
      const writer = stage.writable.getWriter();
      await writer.write({ id: "a", read });
      await writer.write({ id: "b", read });
      await stage.readable.cancel();
      poll({ id: "b", read }, { deadline: 3600000 });
      for await (const _ of poll({ id: "c", read }, { deadline: 3600000 })) break;
      console.log("done");`;
    const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      encoding: "utf8",
      timeout: 20_000,
    });
    expect([stdout, status]).toEqual(["done\n", 0]);
  }, 30_000);

  test("holds 10,000 tasks in less than 40 MB, asleep or waiting for their turn", () => {
    const entry = new URL("../dist/index.js", import.meta.url).href;
    const code = `
      import { PollStream } from ${JSON.stringify(entry)};
      const read = async () => ({ state: "running" });
      const measure = async (options) => {
        const tasks = Array.from({ length: 10000 }, (_, index) => ({ id: "job-" + index, provider: "test", read }));
        gc();
        const before = process.memoryUsage().heapUsed;
        const stage = new PollStream({ deadline: 3600000, interval: 60000, ...options });
        const writer = stage.writable.getWriter();
        for (const task of tasks) await writer.write(task);
        await new Promise((resolve) => setTimeout(resolve, 500));
        gc();
        const used = process.memoryUsage().heapUsed - before;
        await writer.abort();
        return used;
      };
      console.log(JSON.stringify([await measure({}), await measure({ rate: 10 })]));`;
    const { stdout } = spawnSync(process.execPath, ["--expose-gc", "--input-type=module", "--eval", code], {
      encoding: "utf8",
      timeout: 60_000,
    });
    for (const bytes of JSON.parse(stdout)) {
      expect(bytes).toBeGreaterThan(1e6);
      expect(bytes).toBeLessThan(40e6);
    }
  }, 60_000);
});
