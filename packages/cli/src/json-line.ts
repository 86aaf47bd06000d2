/** A file that was sent. */
export interface SentLine {
  readonly type: "sent";
  /** As it was given on the command line; addresses without query and user info. */
  readonly input: string;
  readonly provider: string;
  /** What to give to the model: an id, an address, a data URI. */
  readonly value: string;
  readonly method: string;
  /** In bytes. */
  readonly size?: number;
  /** When the provider forgets it, in ISO 8601. */
  readonly expiresAt?: string;
  /** Why it went this way, in words for people. */
  readonly reason: string;
  readonly seconds: number;
}

/** Something that did not work. */
export interface FailedLine {
  readonly type: "failed";
  readonly input?: string;
  /** As the libraries have it: `http`, `stalled`, `source-changed`, …; or the system's, such as `ENOENT`. */
  readonly code?: string;
  /** Of the provider's reply. */
  readonly status?: number;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** What `sluice resume` takes, where it is kept. */
  readonly resume?: string;
}

/** What came out of a task. */
export interface ResultLine {
  readonly type: "result";
  readonly provider: string;
  readonly id?: string;
  readonly result: unknown;
}

/** An upload that the journal holds. */
export interface UploadLine {
  readonly type: "upload";
  readonly id: string;
  readonly provider: string;
  /** The file's path. */
  readonly input: string;
  readonly size?: number;
  /** Bytes that have arrived. */
  readonly arrived?: number;
  /** ISO 8601. */
  readonly createdAt?: string;
}

/** A run that the journal holds. */
export interface RunLine {
  readonly type: "run";
  readonly id: string;
  readonly provider: string;
  /** What comes next: `send`, `start`, or `task`, which is waited for; `unknown`: it may have been started. */
  readonly state: "send" | "start" | "task" | "unknown";
  /** The first file's path, or its address. */
  readonly input?: string;
  readonly model?: string;
  /** What `sluice wait` takes. */
  readonly task?: string;
  /** ISO 8601. */
  readonly createdAt?: string;
}

/** What `sweep` made of one upload or run. */
export interface SweptLine {
  readonly type: "swept";
  readonly id: string;
  readonly input: string;
  readonly state:
    | "canceled"
    | "completed"
    | "forgotten"
    | "goes-on"
    | "locked"
    | "young"
    | "unknown"
    | "failed"
    | "foreign";
}

/** Digests of one input, in lower-case hexadecimal. */
export interface DigestLine {
  readonly type: "digest";
  readonly input: string;
  readonly size: number;
  readonly digests: Readonly<Record<string, string>>;
}

/** A file that was saved. */
export interface SavedLine {
  readonly type: "saved";
  readonly path: string;
  readonly size: number;
  /** Where one was given to compare with, or asked for. */
  readonly digests?: Readonly<Record<string, string>>;
}

/** Where the emulator listens. */
export interface ListeningLine {
  readonly type: "listening";
  readonly url: string;
  /** The base URL for each provider. */
  readonly urls: Readonly<Record<string, string>>;
}

/** The last line of every command. */
export interface EndLine {
  readonly type: "end";
  readonly exitCode: number;
  readonly seconds: number;
  /** The most memory that this process has had, in bytes (its maxRSS). */
  readonly peakMemory: number;
}

/** One line of what `--json` writes to the standard output. Members may be added; none is taken away or changed. */
export type JsonLine =
  | SentLine
  | FailedLine
  | ResultLine
  | UploadLine
  | RunLine
  | SweptLine
  | DigestLine
  | SavedLine
  | ListeningLine
  | EndLine;
