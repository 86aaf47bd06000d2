export function expect(holds: boolean, expected: string, received: unknown): void {
  if (!holds) throw new Error(`The target should have ${expected}, received ${String(received)}`);
}

const SOON = 20_000;

/** What a promise rejects with that has to, and soon. */
export async function rejection(
  promise: Promise<unknown>,
  expected = "this to fail",
): Promise<{ readonly code?: unknown }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The target should answer within ${SOON} ms`)), SOON);
  });
  const outcome = await Promise.race([
    promise.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
    late,
  ]).finally(() => clearTimeout(timer));
  expect("error" in outcome, expected, Object(outcome).value);
  return Object(Object(outcome).error);
}
