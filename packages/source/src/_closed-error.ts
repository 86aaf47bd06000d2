import { called } from "./_describe.ts";

/** What whoever reads a closed source is told. */
export function closedError(verb: string, name: string | undefined): TypeError {
  return new TypeError(`Cannot ${verb} ${called(name, "the source")}: the source is closed`);
}
