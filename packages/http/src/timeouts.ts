/** How long a request may go without progress, in milliseconds; `Infinity` for no limit. */
export interface Timeouts {
  /**
   * Until there is a connection. A browser's and other fetch cannot see it: there it is not looked at.
   * @default 10_000
   */
  connect?: number | undefined;
  /**
   * From the end of the request's body to the reply's headers.
   * @default 300_000
   */
  headers?: number | undefined;
  /**
   * Without a byte of the body being taken, or without a byte of the reply while it is being read. A source that is
   * slow does not count.
   * @default 30_000
   */
  stall?: number | undefined;
}

/** Timeouts with every member given. */
export interface ResolvedTimeouts {
  readonly connect: number;
  readonly headers: number;
  readonly stall: number;
}

const DEFAULTS: ResolvedTimeouts = { connect: 10_000, headers: 300_000, stall: 30_000 };

/** @throws {TypeError | RangeError} when one is no positive number. */
export function resolveTimeouts(
  action: string,
  given: Timeouts | undefined,
  defaults: ResolvedTimeouts = DEFAULTS,
): ResolvedTimeouts {
  const resolve = (name: keyof ResolvedTimeouts): number => {
    const value = given?.[name] ?? defaults[name];
    if (typeof value !== "number") {
      throw new TypeError(`${action}: "timeouts.${name}" must be a number, received ${typeof value}`);
    }
    if (!(value > 0)) {
      throw new RangeError(`${action}: "timeouts.${name}" must be a positive number or Infinity, received ${value}`);
    }
    return value;
  };
  return { connect: resolve("connect"), headers: resolve("headers"), stall: resolve("stall") };
}
