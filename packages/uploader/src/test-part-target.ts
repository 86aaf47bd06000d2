import { type ByteSource, bytesSource, streamSource } from "@sluice/source";
import { expect, rejection } from "./_expect-target.ts";
import { context, delegate, written } from "./_target-calls.ts";
import { bytesOf, digestOf } from "./_test-bytes.ts";
import type { Law } from "./journal-laws.ts";
import { memoryJournal } from "./memory-journal.ts";
import type { PartTarget } from "./part-target.ts";
import { partSource } from "./range-of.ts";
import { upload } from "./upload.ts";
import type { UploadOptions } from "./upload-options.ts";

/**
 * What the far side is to do: all that it is asked; answer the first part as a busy server does; take the first part, or
 * the completion, and lose the reply; leave parts without an answer.
 */
export type TargetScenario = "works" | "busy" | "loses a part's reply" | "loses the completion's reply" | "hangs";

/** A target, and what its tests can see of the far side. */
export interface TargetUnderTest<Session, Receipt, Result> {
  readonly target: PartTarget<Session, Receipt, Result>;
  /** The sha256 of what was stored, in lower-case hex. */
  sha256(result: Result): string | Promise<string>;
  /** How many uploads are open at the far side, where that can be seen. */
  open?(): number | Promise<number>;
}

const SMALL = 64 * 1024;
const quick = { retry: { base: 5, cap: 20 }, stallTimeout: 2_000, cleanupTimeout: 2_000 };

/**
 * What every target owes the uploader, as a list of checks for any test runner. What a target says that it cannot do is
 * left out: resuming and the order of parts for one that takes a single part, streams of unknown length for one that must
 * know the size.
 *
 * @param create sets up the far side for the scenario, with nothing in it, and returns the target
 *
 * @example
 * ```ts
 * import { createHash } from "node:crypto";
 * import { test } from "node:test";
 * import { MemoryTarget, type TargetScenario, testPartTarget } from "@sluice/uploader/testing";
 *
 * const create = (scenario: TargetScenario) => {
 *   let first = true;
 *   const target = new MemoryTarget({}, (call) => {
 *     if (call === "put" && scenario === "hangs") return "hang";
 *     if (call === "complete" && scenario === "loses the completion's reply") return "lose the reply";
 *     if (call !== "put" || !first) return undefined;
 *     first = false;
 *     if (scenario === "busy") return "fail";
 *     return scenario === "loses a part's reply" ? "lose the reply" : undefined;
 *   });
 *   return {
 *     target,
 *     sha256: (whole: Uint8Array) => createHash("sha256").update(whole).digest("hex"),
 *     open: () => [...target.uploads.values()].filter(({ state }) => state === "open").length,
 *   };
 * };
 * for (const { name, check } of testPartTarget(create)) test(name, check);
 * ```
 */
export function testPartTarget<Session, Receipt, Result>(
  create: (
    scenario: TargetScenario,
  ) => TargetUnderTest<Session, Receipt, Result> | Promise<TargetUnderTest<Session, Receipt, Result>>,
): Law[] {
  const partSizeOf = ({ limits }: PartTarget<Session, Receipt, Result>) => Math.max(limits.minPartSize ?? 1, SMALL);
  /** Uploads, and sees to it that what was stored is what was sent. */
  const arrives = async (
    { target, sha256 }: TargetUnderTest<Session, Receipt, Result>,
    bytes: Uint8Array<ArrayBuffer>,
    source: ByteSource = bytesSource(bytes, { name: "talk.mp4", type: "video/mp4" }),
    options: UploadOptions = {},
  ) => {
    const partSize = target.limits.maxParts === 1 ? "auto" : partSizeOf(target);
    const result = await upload(source, target, { partSize, ...quick, ...options });
    const [stored, sent] = [await sha256(result), await digestOf(bytes)];
    expect(stored === sent, `${bytes.byteLength} bytes stored with the sha256 ${sent}`, stored);
  };

  return [
    {
      name: "says what it is and what it takes",
      async check() {
        const { name, limits, repeat } = (await create("works")).target;
        expect(typeof name === "string" && name !== "", "a name", name);
        expect(["harmless", "after-failure", "never"].includes(repeat), "to say whether parts may be repeated", repeat);
        const { minPartSize = 1, preferredPartSize, maxPartSize = Number.POSITIVE_INFINITY } = limits;
        const ordered = minPartSize > 0 && minPartSize <= preferredPartSize && preferredPartSize <= maxPartSize;
        expect(ordered, "0 < minPartSize ≤ preferredPartSize ≤ maxPartSize", JSON.stringify(limits));
      },
    },
    {
      name: "stores what it is sent, whatever its size",
      async check() {
        const under = await create("works");
        const size = partSizeOf(under.target);
        for (const bytes of [1, size - 1, size, size + 1, 3 * size + 7]) {
          await arrives(under, bytesOf(bytes));
        }
      },
    },
    {
      name: "takes a stream that can be read only once",
      async check() {
        const under = await create("works");
        const bytes = bytesOf(2 * partSizeOf(under.target) + 3);
        const chunks = [bytes.slice(0, 10), bytes.slice(10, 5_000), bytes.slice(5_000)];
        const memory = { memory: 4 * partSizeOf(under.target) };
        await arrives(under, bytes, streamSource(chunks, { size: bytes.byteLength, name: "a.bin" }), memory);
        const unknown = streamSource(chunks, { name: "b.bin" });
        if (!under.target.limits.needsSize) await arrives(under, bytes, unknown, memory);
        else {
          const { code } = await rejection(upload(unknown, under.target));
          expect(code === "needs-size", 'an error with the code "needs-size" for an unknown size', code);
        }
      },
    },
    {
      name: "gives sessions and receipts that can be written down, and takes parts in any order",
      async check() {
        const { target, sha256 } = await create("works");
        if (target.limits.maxParts === 1) return;
        const size = partSizeOf(target);
        const bytes = bytesOf(3 * size);
        const whole = bytesSource(bytes, { name: "talk.mp4" });
        const created = await target.create({ name: "talk.mp4", type: "video/mp4", size: bytes.byteLength }, context());
        const session = written(created, "session");
        const receipts: Receipt[] = [];
        for (const index of [2, 0, 1]) {
          const offset = index * size;
          const part = { index, offset, size, body: partSource(whole, offset, size), digests: {} };
          receipts[index] = written(await target.put(session, part, context()), "receipt");
        }
        const result = await target.complete(session, receipts, { size: bytes.byteLength, digests: {} }, context());
        const [stored, sent] = [await sha256(result), await digestOf(bytes)];
        expect(stored === sent, `the parts in order of offset, with the sha256 ${sent}`, stored);
        const late = { index: 3, offset: 0, size, body: partSource(whole, 0, size), digests: {} };
        await rejection(target.put(session, late, context()), "a part after the completion to be refused");
      },
    },
    {
      name: "tells a busy server's answer from a failure",
      async check() {
        const under = await create("busy");
        if (under.target.limits.maxParts !== 1) await arrives(under, bytesOf(SMALL));
      },
    },
    {
      name: "does not lose a part whose reply was lost",
      async check() {
        const under = await create("loses a part's reply");
        const bytes = bytesOf(2 * partSizeOf(under.target));
        if (under.target.repeat !== "never") return arrives(under, bytes);
        await rejection(
          upload(bytesSource(bytes), under.target, quick),
          "a lost part that must not be repeated to fail",
        );
      },
    },
    {
      name: "resolves a completion whose reply was lost, or says that it does not know",
      async check() {
        const under = await create("loses the completion's reply");
        const bytes = bytesOf(SMALL);
        if (under.target.limits.maxParts === 1) return;
        if (under.target.inspect) return arrives(under, bytes);
        const { code } = await rejection(upload(bytesSource(bytes), under.target, quick));
        expect(code === "completion-unknown", 'the code "completion-unknown", as it has no inspect', code);
      },
    },
    {
      name: "ends on an abort with its reason, and leaves nothing behind",
      async check() {
        const { target, open } = await create("hangs");
        const abort = new AbortController();
        const reason = new Error("stop");
        const options = { ...quick, signal: abort.signal, onProgress: () => abort.abort(reason) };
        setTimeout(() => abort.abort(reason), 300);
        const thrown = await rejection(upload(bytesSource(bytesOf(SMALL)), target, options));
        expect((thrown as unknown) === reason, "the signal's reason", thrown);
        const left = (await open?.()) ?? 0;
        expect(left === 0, "no upload left open", left);
      },
    },
    {
      name: "is resumed after a crash, without the parts that arrived",
      async check() {
        const under = await create("works");
        const { target } = under;
        if (target.limits.maxParts === 1) return;
        const journal = memoryJournal();
        const key = "crash";
        let puts = 0;
        const dies: typeof target = {
          ...delegate(target),
          put: async (...given) => {
            puts += 1;
            return puts > 2 ? new Promise(() => {}) : target.put(...given);
          },
        };
        const partSize = partSizeOf(target);
        const bytes = bytesOf(5 * partSize + 1);
        const source = bytesSource(bytes, { name: "talk.mp4" });
        const abort = new AbortController();
        const first = upload(source, dies, { ...quick, journal, key, partSize, concurrency: 1, signal: abort.signal });
        for (let turn = 0; turn < 2_000 && puts < 3; turn += 1) await new Promise((resolve) => setTimeout(resolve, 5));
        // As gone as a process can be while it lives: the upload is kept for the next one.
        abort.abort();
        await rejection(first);
        const counted: typeof target = {
          ...delegate(target),
          put: async (...given) => {
            puts += 1;
            return target.put(...given);
          },
        };
        puts = 0;
        await arrives({ ...under, target: counted }, bytes, source, { journal, key });
        expect(puts === 4, "4 of 6 parts to be sent after 2 had arrived", puts);
      },
    },
    {
      name: "is not asked to take what cannot fit",
      async check() {
        const { target } = await create("works");
        const { maxBytes } = target.limits;
        if (maxBytes === undefined) return;
        const huge = { ...partSource(bytesSource(bytesOf(1)), 0, 1), size: maxBytes + 1, name: "huge.bin" };
        const { code } = await rejection(upload(huge, target));
        expect(code === "too-large", 'an error with the code "too-large"', code);
      },
    },
  ];
}
