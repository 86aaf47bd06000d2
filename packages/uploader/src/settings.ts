import { expectOptions, type OptionRule, type RetryOptions, retryRules, systemClock } from "@sluice/retry";
import { createThrottle, Throttle } from "./bandwidth.ts";
import { adaptiveConcurrency, fixedConcurrency } from "./concurrency.ts";
import { createMemory, Memory } from "./memory.ts";
import { Slots } from "./slots.ts";
import type { UploadOptions } from "./upload-options.ts";

/** Options of an upload, checked, with what several uploads may share made. */
export type Settings = {
  readonly [Name in FilledIn]-?: Exclude<UploadOptions[Name], undefined>;
} & Pick<UploadOptions, "journal" | "key" | "onAbort" | "signal" | "onProgress"> & {
    readonly memory: Memory;
    readonly slots: Slots;
    readonly throttle: Throttle | undefined;
    /** With clock and chance, but without signal. */
    readonly retry: RetryOptions;
    /** Parts in flight, as far as is known beforehand. */
    readonly inFlight: number;
  };

/** Options whose defaults are filled in. */
type FilledIn = "partSize" | "verify" | "spool" | "digest" | "stallTimeout" | "cleanupTimeout" | "clock" | "onEvent";

type Defaults = { [Name in FilledIn | "concurrency" | "memory" | "retry"]: Exclude<UploadOptions[Name], undefined> };

const DEFAULTS: Defaults = {
  partSize: "auto",
  concurrency: "auto",
  memory: 128 * 1024 * 1024,
  verify: "fingerprint",
  spool: false,
  digest: [],
  retry: {},
  stallTimeout: 30_000,
  cleanupTimeout: 5_000,
  clock: systemClock,
  onEvent: () => {},
};

const RULES: Readonly<Record<string, OptionRule>> = {
  partSize: 1,
  concurrency: 1,
  bandwidth: "positive",
  stallTimeout: 1,
  cleanupTimeout: 1,
  key: "string",
  spool: "string",
  onProgress: "function",
  onEvent: "function",
  // It would look at them when an upload has been created.
  ...retryRules,
};

/** Where it begins when it is to be found out. */
const FIRST_CONCURRENCY = 4;

/** @throws {TypeError | RangeError} naming the option that is not what it must be. */
export function resolveOptions(action: string, options: UploadOptions): Settings {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const all: UploadOptions & Defaults = { ...DEFAULTS, ...given };
  const words: unknown[] = ["auto", "chunks", false];
  const unlessWord = (value: unknown) => (words.includes(value) ? undefined : value);
  const { partSize, concurrency, memory, bandwidth, verify, onAbort, spool, digest, retry, clock, onEvent } = all;
  const numbers = {
    partSize: unlessWord(partSize),
    concurrency: unlessWord(concurrency),
    spool: unlessWord(spool),
    bandwidth: bandwidth instanceof Throttle ? undefined : bandwidth,
  };
  expectOptions(action, { ...retry, ...all, ...numbers }, RULES);
  checkChoice(action, "verify", verify, ["fingerprint", "digest"]);
  checkChoice(action, "onAbort", onAbort, [undefined, "keep", "cancel"]);
  if (!Array.isArray(digest)) {
    throw new TypeError(`Cannot ${action}: "digest" must be a list of algorithms, received ${typeof digest}`);
  }
  const slots = new Slots(
    concurrency !== "auto"
      ? fixedConcurrency(concurrency)
      : adaptiveConcurrency({
          clock,
          onChange(limit) {
            slots.changed();
            onEvent({ type: "concurrency", limit });
          },
        }),
  );
  return {
    ...all,
    slots,
    inFlight: concurrency === "auto" ? FIRST_CONCURRENCY : concurrency,
    memory: memory instanceof Memory ? memory : createMemory(memory),
    throttle: typeof bandwidth === "number" ? createThrottle(bandwidth, { clock }) : bandwidth,
    retry: { ...(retry === false ? { attempts: 1 } : retry), clock, random: all.random },
  };
}

function checkChoice<T>(action: string, option: string, value: T, choices: readonly T[]): void {
  if (choices.includes(value)) return;
  const expected = choices.filter((choice) => choice !== undefined).map((choice) => JSON.stringify(choice));
  throw new RangeError(`Cannot ${action}: "${option}" must be ${expected.join(" or ")}, received ${String(value)}`);
}
