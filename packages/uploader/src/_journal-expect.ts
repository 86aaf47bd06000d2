import fc from "fast-check";
import type { Journal } from "./journal.ts";

export async function holds(numRuns: number, property: fc.IAsyncProperty<unknown>): Promise<void> {
  await fc.assert(property, { numRuns, includeErrorInReport: true });
}

export async function expectEntries(journal: Journal, key: string, entries: readonly unknown[]): Promise<void> {
  const received = await journal.read(key, ({ message }) => {
    throw new Error(`The journal should have nothing to warn of, received ${message}`);
  });
  expect(JSON.stringify(received) === JSON.stringify(entries), JSON.stringify(entries), JSON.stringify(received));
}

export async function expectKeys(journal: Journal, keys: readonly string[]): Promise<void> {
  const received = (await Array.fromAsync(journal.list())).sort();
  const expected = [...keys].sort();
  const same = received.length === expected.length && received.every((key, index) => key === expected[index]);
  expect(same, `the keys ${JSON.stringify(expected)}`, JSON.stringify(received));
}

export function expectLocked(error: unknown, key: string): void {
  const { code, retryable, key: named, name } = Object(error);
  const right = code === "locked" && retryable === true && named === key && name === "LockedError";
  expect(right, "rejected with a LockedError of the key", error);
}

export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`The journal should reject, received ${String(value)}`);
    },
    (error: unknown) => error,
  );
}

export function expect(holds: boolean, expected: string, received: unknown): void {
  if (holds) return;
  const [wanted, got] = [expected, String(received)].map((text) =>
    text.length > 500 ? `${text.slice(0, 500)}…` : text,
  );
  throw new Error(`The journal should have ${wanted}, received ${got}`);
}
