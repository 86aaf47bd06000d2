import type { Algorithm } from "@sluice/hash";
import type { ByteSource } from "@sluice/source";

/** What is being uploaded, as the target is told. */
export interface FileInfo {
  readonly name: string;
  /** Media type. */
  readonly type: string;
  readonly size: number | undefined;
}

/** Digests by algorithm, as bytes in lower-case hex. */
export type Digests = Readonly<Record<string, string>>;

/** One range of the file, on its way. */
export interface Part {
  /** From 0, in order of offset. */
  readonly index: number;
  readonly offset: number;
  /** Undefined only where a stream of unknown length goes as a whole to a target that takes one part. */
  readonly size: number | undefined;
  /**
   * This range alone. Replayable, because its bytes lie in the source or in memory; but for a stream that goes as a whole
   * to a target that takes one part. It ends with the attempt: whoever reads on gets an error.
   */
  readonly body: ByteSource;
  /** Of the part, where the target asked for them. */
  readonly digests: Digests;
}

/** What every call of a target is given. */
export interface Context {
  /** Aborted when the upload ends for whatever reason, or this attempt does. */
  readonly signal: AbortSignal;
  /** 1 for the first. */
  readonly attempt: number;
  /** To be called with the bytes of the body that were handed to the transport since the last call. */
  sent(bytes: number): void;
}

/** What a target can take. Sizes in bytes, `lifetime` in milliseconds. */
export interface PartLimits {
  readonly minPartSize?: number;
  readonly maxPartSize?: number;
  readonly preferredPartSize: number;
  readonly maxParts?: number;
  readonly maxBytes?: number;
  /** The size must be known before the upload is created. */
  readonly needsSize?: boolean;
  /** How long an upload may take from its creation. */
  readonly lifetime?: number;
}

/** Digests that a target wants to be given. */
export interface WantedDigests {
  /** Of each part, before it is sent: its bytes are read twice. */
  readonly part?: readonly Algorithm[];
  /** Of the whole file, when it is completed. */
  readonly whole?: readonly Algorithm[];
}

/**
 * A place that takes a file in parts; what a provider implements. `Session` and `Receipt` are plain JSON, so that an
 * upload can be written down.
 */
export interface PartTarget<Session, Receipt, Result> {
  /** For people and for keys: the provider, with the account's scope where it is known. */
  readonly name: string;
  readonly limits: PartLimits;
  /** Whether a part may go twice at once, again after an unclear failure, or never again. */
  readonly repeat: "harmless" | "after-failure" | "never";
  readonly digests?: WantedDigests;
  create(file: FileInfo, context: Context): Promise<Session>;
  put(session: Session, part: Part, context: Context): Promise<Receipt>;
  /** Receipts come in order of offset, whatever order the parts went in. */
  complete(
    session: Session,
    receipts: Receipt[],
    whole: { readonly size: number; readonly digests: Digests },
    context: Context,
  ): Promise<Result>;
  cancel(session: Session, context: Context): Promise<void>;
  /** Tells what became of an upload whose completion got no reply. */
  inspect?(session: Session, context: Context): Promise<Inspection<Result>>;
}

/** What a target knows of an upload. */
export interface Inspection<Result> {
  readonly state: "open" | "completed" | "canceled" | "expired" | "unknown";
  readonly result?: Result;
}
