import { MiB } from "../../harness/size.ts";

/** Bytes in a part. */
export const PART: number = 64 * MiB;
/** Parts on their way at once. */
export const CONNECTIONS = 4;

/** The loop that people write where a client has none: calls `send` for every part, four at a time. */
export async function inParts(
  bytes: number,
  send: (start: number, end: number, index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (next < bytes) {
        const start = next;
        next = Math.min(start + PART, bytes);
        await send(start, next, start / PART);
      }
    }),
  );
}
