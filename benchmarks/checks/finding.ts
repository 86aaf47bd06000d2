/** One thing that was measured and what it may be. */
export interface Finding {
  readonly what: string;
  readonly measured: string;
  readonly allowed: string;
  readonly held: boolean;
}

/** A finding about a number that must not exceed another. */
export function atMost(what: string, measured: number, allowed: number, format: (value: number) => string): Finding {
  return { what, measured: format(measured), allowed: format(allowed), held: measured <= allowed };
}

/** `2,215 B`. */
export function bytes(count: number): string {
  return `${count.toLocaleString("en-US")} B`;
}
