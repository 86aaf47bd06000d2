import { UsageError } from "./command-error.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a time span such as `90s`, `10m` or `2h`, in milliseconds.
 *
 * @throws {UsageError} for what is none.
 */
export function parseDuration(text: string, option: string): number {
  const [, digits, letters = ""] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/i.exec(text) ?? [];
  const span = Math.round(Number(digits) * (UNITS[letters.toLowerCase()] ?? Number.NaN));
  if (Number.isSafeInteger(span) && span >= 1) return span;
  throw new UsageError(`"${text}" is no time for ${option}.`, "Write a number with a unit, such as 90s, 10m or 2h.");
}

/** A time span for people, such as `8 s`, `4:05` or `1:02:30`. */
export function formatDuration(span: number): string {
  if (span < 999.5) return `${Math.round(span)} ms`;
  const seconds = Math.round(span / 1000);
  if (seconds < 60) return span < 9_950 ? `${(span / 1000).toFixed(1)} s` : `${seconds} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** The time left, for people: in whole seconds, since nobody knows it better. */
export function formatTimeLeft(span: number): string {
  return span < 59_000 ? `${Math.max(1, Math.ceil(span / 1000))} s` : formatDuration(span);
}
