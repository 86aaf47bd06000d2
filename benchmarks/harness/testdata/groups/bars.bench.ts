import type { Case, Group } from "../../case.ts";

const MiB = 1024 * 1024;
const kept: Uint8Array[] = [];

const sized = (name: string, keep: boolean, count = Number.POSITIVE_INFINITY): Case => ({
  name,
  mode: "process",
  bytes: 2 * MiB,
  sizes: [2 * MiB, 128 * MiB],
  quickSizes: [MiB, 96 * MiB],
  largest: 200 * MiB,
  rounds: 1,
  bars: { growth: 32 * MiB },
  subject: {
    name: "subject",
    run({ bytes }) {
      const block = new Uint8Array(MiB);
      for (let at = 0; at < Math.min(bytes, count); at += MiB) {
        block.fill(1);
        if (keep) kept.push(block.slice());
      }
      return { bytes };
    },
  },
});

/** One case that holds all it has seen, one that does not, and one that is fast on any machine. */
export const group: Group = { description: "bars", cases: [sized("hoards", true), sized("lets go", false), sized("idle", false, MiB)] };
