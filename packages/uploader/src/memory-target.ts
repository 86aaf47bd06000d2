import type { Context, Inspection, Part, PartLimits, PartTarget } from "./part-target.ts";

/**
 * What a call of the target does instead of its work, or besides: it fails before it or after it, in a way that may pass
 * or that will not, never comes back, does it twice, or finds that the upload has expired.
 */
export type Fault = "fail" | "lose the reply" | "refuse" | "hang" | "work twice" | "expire";
/** The calls of a target. */
export type Call = "create" | "put" | "complete" | "cancel";

/** An error as a provider's client would throw it. */
export class TargetError extends Error {
  override readonly name: string = "TargetError";
  readonly retryable: boolean;
  constructor(message: string, retryable: boolean) {
    super(message);
    this.retryable = retryable;
  }
}

/** An upload at the target. */
export interface Stored {
  readonly parts: Map<string, Uint8Array>;
  state: "open" | "completed" | "canceled" | "expired";
  whole?: Uint8Array;
}

/**
 * A target for tests that keeps what it gets in memory, with faults on demand. A fake: the real ones live with the
 * providers.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { bytesSource } from "@sluice/source";
 * import { upload } from "@sluice/uploader";
 * import { MemoryTarget } from "@sluice/uploader/testing";
 *
 * const target = new MemoryTarget({ preferredPartSize: 2 });
 * const whole = await upload(bytesSource(Uint8Array.of(1, 2, 3)), target);
 * assert.deepEqual([...whole], [1, 2, 3]);
 * ```
 */
export class MemoryTarget implements PartTarget<string, string, Uint8Array> {
  readonly name: string = "memory";
  readonly limits: PartLimits;
  readonly repeat = "harmless" as const;
  readonly uploads: Map<string, Stored> = new Map();
  /** Called before each call's work: says whether something goes wrong. */
  readonly fault: (call: Call, attempt: number) => Fault | undefined;
  /** Set where the target is to tell what became of an upload; {@link MemoryTarget.tell} does. */
  inspect?: (session: string) => Promise<Inspection<Uint8Array>>;
  /** Most parts that were in flight at once. */
  mostInFlight = 0;
  #inFlight = 0;
  #serial = 0;

  constructor(limits: Partial<PartLimits> = {}, fault: MemoryTarget["fault"] = () => undefined) {
    this.limits = { preferredPartSize: 8, ...limits };
    this.fault = fault;
  }

  create(): Promise<string> {
    return this.#work("create", undefined, 1, async () => {
      const session = `upload-${this.uploads.size}`;
      this.uploads.set(session, { parts: new Map(), state: "open" });
      return session;
    });
  }

  async put(session: string, part: Part, { signal, attempt, sent }: Context): Promise<string> {
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    try {
      return await this.#work("put", session, attempt, async () => {
        const upload = this.#open(session);
        const bytes = await readAll(part.body.stream({ signal }));
        sent(bytes.byteLength);
        if (bytes.byteLength !== (part.size ?? bytes.byteLength))
          throw new TargetError(`part ${part.index} is short`, false);
        this.#serial += 1;
        const receipt = `part-${this.#serial}`;
        upload.parts.set(receipt, bytes);
        return receipt;
      });
    } finally {
      this.#inFlight -= 1;
    }
  }

  complete(session: string, receipts: string[], { size }: { size: number }): Promise<Uint8Array> {
    return this.#work("complete", session, 1, async () => {
      const upload = this.#open(session);
      const whole = new Uint8Array(size);
      let offset = 0;
      for (const receipt of receipts) {
        const bytes = upload.parts.get(receipt);
        if (!bytes) throw new TargetError(`unknown part ${receipt}`, false);
        whole.set(bytes, offset);
        offset += bytes.byteLength;
      }
      if (offset !== size) throw new TargetError(`${offset} bytes of ${size}`, false);
      upload.state = "completed";
      upload.whole = whole;
      return whole;
    });
  }

  cancel(session: string): Promise<void> {
    return this.#work("cancel", session, 1, async () => {
      this.#open(session).state = "canceled";
    });
  }

  /** What became of an upload. */
  async tell(session: string): Promise<Inspection<Uint8Array>> {
    const upload = this.uploads.get(session);
    if (!upload) return { state: "unknown" };
    return { state: upload.state, ...(upload.whole && { result: upload.whole }) };
  }

  /** The upload, if parts may be added to it. */
  #open(session: string): Stored {
    const upload = this.uploads.get(session);
    if (upload?.state !== "open") throw new TargetError(`the upload is ${upload?.state ?? "not known"}`, false);
    return upload;
  }

  async #work<T>(call: Call, session: string | undefined, attempt: number, work: () => Promise<T>): Promise<T> {
    const fault = this.fault(call, attempt);
    await null;
    if (fault === "hang") return new Promise(() => {});
    const upload = this.uploads.get(session ?? "");
    if (fault === "expire" && upload?.state === "open") upload.state = "expired";
    if (fault === "work twice" && call === "put") await work();
    if (fault === "fail") throw new TargetError(`${call} failed`, true);
    if (fault === "refuse") throw new TargetError(`${call} refused`, false);
    const result = await work();
    if (fault === "lose the reply") throw new TargetError(`the reply to ${call} was lost`, true);
    return result;
  }
}

/**
 * The bytes of a stream. `Response` would hide, in Chromium, what the stream failed with, and browsers read it, or a Blob,
 * outside of the turns that a virtual clock waits for.
 */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = new Uint8Array(0);
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const longer = new Uint8Array(bytes.length + next.value.length);
    longer.set(bytes);
    longer.set(next.value, bytes.length);
    bytes = longer;
  }
  return bytes;
}
