import type { Case, Group, Outcome } from "../../case.ts";

const pair = (name: string, subject: () => Outcome, peer: () => Outcome, more: Partial<Case> = {}): Case => ({
  name,
  mode: "in-process",
  bytes: 8,
  ...more,
  subject: { name: "subject", run: subject },
  peer: { name: "peer", run: peer },
});

const honest = () => ({ bytes: 8 });

/** Every case but the last must fail. */
export const group: Group = {
  description: "contenders that cheat or break",
  cases: [
    pair("bytes differ", honest, () => ({ bytes: 7 })),
    pair("bytes differ between processes", honest, () => ({ bytes: 7 }), { mode: "process" }),
    pair("digests differ", () => ({ bytes: 8, digest: "a" }), () => ({ bytes: 8, digest: "b" })),
    pair("no work", () => ({ bytes: 0 }), () => ({ bytes: 0 })),
    pair("server not used", honest, honest, { server: true }),
    pair("file not asked for", honest, honest, { setup: ({ file }) => file }),
    pair("throws", honest, () => {
      throw new Error("out of luck");
    }),
    pair("dies", honest, () => process.exit(3)),
    pair("teardown throws", honest, honest, {
      teardown() {
        throw new Error("left a mess");
      },
    }),
    pair("works", honest, honest),
  ],
};
