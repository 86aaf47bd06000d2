import type { EmulatorOptions } from "./emulator.ts";

const CHECKS: {
  readonly [Name in keyof EmulatorOptions]-?: readonly [expected: string, holds: (value: unknown) => boolean];
} = {
  host: ["a string that is not empty", isText],
  port: [
    "an integer from 0 to 65535",
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 65_536,
  ],
  storage: ["the path of a folder", isText],
  digests: ["a boolean", isFlag],
  faults: ["an array of rules", Array.isArray],
  clock: ["a Date or a clock made by createClock", (value) => value instanceof Date || isClock(value)],
  seed: ["an integer", Number.isSafeInteger],
  cors: ["a boolean", isFlag],
  openai: ["an object", isObject],
  replicate: ["an object", isObject],
  kie: ["an object", isObject],
  oneai: ["an object", isObject],
};

/**
 * Checks the options of an emulator.
 *
 * @throws {TypeError} for a value of the wrong kind, {@link RangeError} for a number out of bounds or an unknown name
 */
export function checkOptions(options: EmulatorOptions): void {
  if (typeof options !== "object" || options === null) throw new TypeError(refusal("options", "an object", options));
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(CHECKS, name)) {
      throw new RangeError(`Cannot start the emulator: there is no option "${name}"`);
    }
    const [expected, holds] = CHECKS[name as keyof EmulatorOptions];
    if (holds(value)) continue;
    throw new (typeof value === "number" ? RangeError : TypeError)(refusal(name, expected, value));
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isFlag(value: unknown): boolean {
  return typeof value === "boolean";
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isClock(value: unknown): boolean {
  const clock = value as { now?: unknown; advance?: unknown } | null;
  return typeof clock?.now === "function" && typeof clock.advance === "function";
}

function refusal(name: string, expected: string, received: unknown): string {
  return `Cannot start the emulator: "${name}" must be ${expected}, received ${JSON.stringify(received) ?? String(received)}`;
}
