import { expect, test } from "vitest";
import { KeyQueue } from "./_key-queue.ts";

test("KeyQueue does one thing after the other with a key, and does not wait for other keys", async () => {
  const queue = new KeyQueue();
  const log: string[] = [];
  const gates = ["a", "b", "c"].map((name) => ({ name, gate: Promise.withResolvers<void>() }));
  const start = ({ name, gate }: (typeof gates)[0]) =>
    queue.run("key", async () => {
      log.push(`${name} begins`);
      await gate.promise;
      log.push(`${name} ends`);
      if (name === "b") throw new Error("b failed");
    });
  const [a, b, c] = gates as [(typeof gates)[0], (typeof gates)[0], (typeof gates)[0]];
  const first = start(a);
  const second = start(b);
  await queue.run("other", async () => void log.push("other"));
  a.gate.resolve();
  await first;
  // Comes while the second is at work, after the first has gone.
  const third = start(c);
  expect(queue.isBusy("key")).toBe(true);
  c.gate.resolve();
  b.gate.resolve();
  await expect(second).rejects.toThrow("b failed");
  await third;
  expect(log).toEqual(["a begins", "other", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  expect(queue.isBusy("key")).toBe(false);
});
