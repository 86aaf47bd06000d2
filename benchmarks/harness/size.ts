/** 1,024 bytes. */
export const KiB = 1024;
/** 1,024 KiB. */
export const MiB: number = 1024 * KiB;
/** 1,024 MiB. */
export const GiB: number = 1024 * MiB;

const UNITS: Record<string, number> = { "": 1, B: 1, KiB, MiB, GiB };

/**
 * Reads a size such as `4GiB`, `64KiB` or `1048576`.
 *
 * @throws RangeError if it is not a positive whole number of bytes.
 */
export function parseSize(text: string): number {
  const [, digits = "", unit = "?"] = /^(\d+(?:\.\d+)?) ?([KMG]iB|B|)$/.exec(text) ?? [];
  const size = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (!Number.isSafeInteger(size) || size < 1) {
    throw new RangeError(`a size is a number with B, KiB, MiB or GiB, such as 4GiB; received ${JSON.stringify(text)}`);
  }
  return size;
}

/** Writes a size in MiB, for a column of them: `1536.0 MiB`, `−0.9 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / MiB).toFixed(1).replace("-", "−")} MiB`;
}

/** Writes a size in the largest unit that keeps it at 1 or above: `64 KiB`, `1.5 GiB`. */
export function formatSize(bytes: number): string {
  const [unit, factor] =
    bytes >= GiB ? ["GiB", GiB] : bytes >= MiB ? ["MiB", MiB] : bytes >= KiB ? ["KiB", KiB] : ["B", 1];
  return `${Number((bytes / factor).toFixed(1))} ${unit}`;
}
