/**
 * Refuses an option: by a RangeError, with the value, when it is of the right kind; by a TypeError, with its kind,
 * otherwise.
 *
 * @param kind What `typeof` gives for the right kind.
 */
export function refuse(action: string, option: string, requirement: string, received: unknown, kind = "string"): never {
  const isKind = typeof received === kind;
  const shown = !isKind ? typeof received : kind === "string" ? JSON.stringify(received) : received;
  throw new (isKind ? RangeError : TypeError)(
    `Cannot ${action}: "${option}" must be ${requirement}, received ${shown}`,
  );
}

/** Refuses an option that is none of the allowed ones; returns it otherwise. */
export function oneOf<const T>(action: string, option: string, received: T, allowed: readonly T[]): T {
  if (!allowed.includes(received)) {
    const names = allowed.map((value) => JSON.stringify(value)).join(" or ");
    refuse(action, option, names, received, typeof allowed[0]);
  }
  return received;
}
