import { expect, test } from "vitest";
import { untilAborted } from "./until-aborted.ts";

test("untilAborted is what the work comes to", async () => {
  const { signal } = new AbortController();
  expect(await untilAborted(async () => "done", signal)).toBe("done");
  const failure = new Error("failed");
  await expect(untilAborted(() => Promise.reject(failure), signal)).rejects.toBe(failure);
  const throws = () => {
    throw failure;
  };
  await expect(untilAborted(throws, signal)).rejects.toBe(failure);
});

test("untilAborted rejects at once when aborted, whatever the work makes of it", async () => {
  const abort = new AbortController();
  const work = Promise.withResolvers<string>();
  const result = untilAborted(() => work.promise, abort.signal);
  abort.abort("enough");
  await expect(result).rejects.toBe("enough");
  work.reject(new Error("nobody hears of this"));
  let begun = false;
  const begin = async () => {
    begun = true;
  };
  await expect(untilAborted(begin, abort.signal)).rejects.toBe("enough");
  expect(begun).toBe(false);
});

test("untilAborted leaves no listener behind", async () => {
  const listeners = new Set<unknown>();
  const signal = {
    aborted: false,
    addEventListener: (_: string, listener: unknown) => listeners.add(listener),
    removeEventListener: (_: string, listener: unknown) => listeners.delete(listener),
  } as unknown as AbortSignal;
  await untilAborted(async () => "done", signal);
  await Promise.resolve();
  expect(listeners.size).toBe(0);
});
