import { UsageError } from "./command-error.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/**
 * Reads a size such as `64MiB`, `20MB` or `1048576`.
 *
 * @throws {UsageError} for what is none; `64M`, which people mean in two ways, is asked about.
 */
export function parseSize(text: string, option: string): number {
  const [, digits = "", letters = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*?)(?:\/s)?\s*$/i.exec(text) ?? [];
  const unit = UNITS[letters.toLowerCase()];
  const bytes = Math.round(Number(digits) * (unit ?? Number.NaN));
  if (digits !== "" && Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  const letter = letters.toUpperCase();
  const hint = /^[KMGT]$/.test(letter)
    ? `Write ${digits}${letter}B (powers of 1000) or ${digits}${letter}iB (powers of 1024).`
    : "Write a number with a unit, such as 64MiB, 20MB or 1048576.";
  throw new UsageError(`"${text}" is no size for ${option}.`, hint);
}

const STEPS = ["B", "kB", "MB", "GB", "TB"] as const;

/** A size for people, such as `2.1 GB`. */
export function formatSize(bytes: number): string {
  let step = 0;
  let value = bytes;
  // What would be rounded to four digits belongs to the next step.
  while (value >= 999.5 && step < STEPS.length - 1) {
    value /= 1000;
    step += 1;
  }
  const digits = step === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${STEPS[step]}`;
}
