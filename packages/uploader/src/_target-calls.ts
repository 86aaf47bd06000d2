import { checkJson } from "./check-json.ts";
import type { Context, PartTarget } from "./part-target.ts";

/** For a call by hand. */
export function context(): Context {
  return { signal: new AbortController().signal, attempt: 1, sent: () => {} };
}

/** As it comes back from a journal. */
export function written<T>(value: T, what: string): T {
  checkJson(value, what);
  return JSON.parse(JSON.stringify(value)) as T;
}

/** A target that hands every call on, to be changed. */
export function delegate<Session, Receipt, Result>(
  target: PartTarget<Session, Receipt, Result>,
): PartTarget<Session, Receipt, Result> {
  const { name, limits, repeat, digests } = target;
  return {
    name,
    limits,
    repeat,
    ...(digests && { digests }),
    create: (...given) => target.create(...given),
    put: (...given) => target.put(...given),
    complete: (...given) => target.complete(...given),
    cancel: (...given) => target.cancel(...given),
    ...(target.inspect && { inspect: (...given) => (target.inspect as NonNullable<typeof target.inspect>)(...given) }),
  };
}
