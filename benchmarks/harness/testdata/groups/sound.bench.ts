import { statSync } from "node:fs";
import { defineCase, type Group } from "../../case.ts";

/** One case of each mode that uses all there is. */
export const group: Group = {
  description: "cases that work",
  cases: [
    defineCase({
      name: "shared",
      mode: "in-process",
      bytes: 1000,
      rounds: 3,
      note: "a note",
      setup: ({ bytes }) => ({ bytes, pid: process.pid }),
      subject: { name: "A", run: ({ fixture }) => ({ bytes: fixture.bytes, digest: `${fixture.pid}` }) },
      peer: { name: "B", run: ({ bytes }) => ({ bytes, digest: `${process.pid}` }) },
    }),
    {
      name: "apart",
      mode: "process",
      bytes: 3 * 1024 * 1024,
      rounds: 2,
      warmup: 0,
      file: true,
      server: true,
      subject: {
        name: "fetch",
        async run({ bytes, file, server }) {
          const reply = await fetch(`${server}/x`, { method: "POST", body: new Uint8Array(statSync(file).size) });
          return { ...((await reply.json()) as { bytes: number }), operations: bytes / 1024 };
        },
      },
    },
  ],
};
