import { getEventListeners, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { createBudget, retry, retryAfter, systemClock } from "./index.ts";
import { virtualClock } from "./testing.ts";

const busy = Object.assign(new Error("busy"), { retryable: true });

describe("retry() on Node", () => {
  test("leaves no listener on the signal, however it ends", async () => {
    const endings: Record<string, (signal: AbortSignal, abort: () => void) => Promise<unknown>> = {
      success: (signal) => retry(async () => "ok", { signal }),
      "success after retries": (signal) =>
        retry(async ({ attempt }) => (attempt < 4 ? Promise.reject(busy) : "ok"), { signal, base: 0 }),
      "permanent error": (signal) => retry(() => Promise.reject(new Error("gone")), { signal }),
      "attempts used": (signal) => retry(() => Promise.reject(busy), { signal, base: 0 }),
      "empty budget": (signal) =>
        retry(() => Promise.reject(busy), { signal, budget: createBudget({ capacity: 0, refill: 0 }) }),
      deadline: (signal) => retry(() => new Promise(() => {}), { signal, deadline: 5 }),
      "throwing callback": (signal) =>
        retry(() => Promise.reject(busy), {
          signal,
          onRetry() {
            throw new Error("mine");
          },
        }),
      abort: (signal, abort) => {
        setTimeout(abort, 1);
        return retry(() => new Promise(() => {}), { signal });
      },
      misuse: async (signal) => retry(async () => "ok", { signal, base: -1 }),
    };
    for (const [name, run] of Object.entries(endings)) {
      const controller = new AbortController();
      const promise = run(controller.signal, () => controller.abort());
      await promise.catch(() => {});
      expect(getEventListeners(controller.signal, "abort").length, name).toBe(0);
    }
  });

  test("keeps one listener on the signal and one timer, however many attempts", async () => {
    const clock = virtualClock();
    const { signal } = new AbortController();
    let most = 0;
    await clock.run(
      retry(
        async ({ attempt }) => {
          most = Math.max(most, getEventListeners(signal, "abort").length, clock.pending);
          if (attempt < 200) throw busy;
        },
        { clock, signal, attempts: Infinity },
      ),
    );
    expect(most).toBe(1);
  });

  test("reports no unhandled rejection for an attempt that fails after the end", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", listener);
    const late = (): Promise<never> => new Promise((_, reject) => setTimeout(() => reject(new Error("late")), 20));
    await retry(late, { deadline: 5 }).catch(() => {});
    await retry(late, { signal: AbortSignal.timeout(5) }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 40));
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });

  test("never undercuts the hint of a real server", async () => {
    const arrivals: number[] = [];
    const server = createServer((_, response) => {
      arrivals.push(performance.now());
      response.writeHead(arrivals.length < 12 ? 429 : 200, { "retry-after-ms": "20" }).end();
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      await retry(
        async ({ signal }) => {
          const response = await fetch(url, { signal });
          await response.body?.cancel();
          if (response.ok) return;
          throw Object.assign(new Error(`HTTP ${response.status}`), {
            retryable: true,
            retryAfter: retryAfter(response.headers, systemClock.now()),
          });
        },
        { attempts: 12, base: 0, deadline: 10_000 },
      );
    } finally {
      server.close();
      server.closeAllConnections();
    }
    const gaps = arrivals.slice(1).map((time, index) => time - (arrivals[index] ?? 0));
    expect(gaps).toHaveLength(11);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20);
  });

  test("systemClock never fires early", async () => {
    const early = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        await new Promise((resolve) => setTimeout(resolve, index));
        const delay = 10 + (index % 10) / 10;
        const start = performance.now();
        await new Promise<void>((resolve) => systemClock.setTimeout(resolve, delay));
        return performance.now() - start < delay;
      }),
    );
    expect(early).not.toContain(true);
  });
});
