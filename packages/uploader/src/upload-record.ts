import type { Entry, Journal } from "./journal.ts";
import type { OpenUpload } from "./open-upload.ts";
import type { Digests } from "./part-target.ts";
import { FORMAT } from "./read-record.ts";
import { resumeUpload } from "./resume-upload.ts";
import type { Undertaking } from "./undertaking.ts";
import type { Cleanup } from "./upload-event.ts";

/** What is written down of an upload when it begins. */
export interface RecordHeader {
  readonly target: string;
  readonly name: string;
  readonly size: number | undefined;
  readonly fingerprint: string | undefined;
  /** Undefined where the parts cannot be read again. */
  readonly partSize: number | undefined;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly session: unknown;
}

/** What is written down of a part that arrived. */
export interface RecordedPart {
  readonly index: number;
  readonly receipt: unknown;
  /** Of its bytes, where they are to be compared on resume. */
  readonly digests?: Digests;
}

/** One upload's place in a journal. */
export class UploadRecord {
  readonly #journal: Journal;
  readonly key: string;

  constructor(journal: Journal, key: string) {
    this.#journal = journal;
    this.key = key;
  }

  /** Takes up what is written down. @returns Undefined where a new upload is to begin. */
  resume<Session, Receipt, Result>(
    undertaking: Undertaking<Session, Receipt, Result>,
  ): Promise<OpenUpload<Session, Receipt> | { readonly result: Result } | undefined> {
    return resumeUpload(undertaking, this, this.#journal);
  }

  begin(header: RecordHeader): Promise<void> {
    return this.#append({ type: "upload", format: FORMAT, ...header });
  }

  part(part: RecordedPart): Promise<void> {
    return this.#append({ type: "part", ...part });
  }

  completing(): Promise<void> {
    return this.#append({ type: "completing" });
  }

  cleanedUp({ state, error }: Cleanup): Promise<void> {
    // What an error says may be anything; its kind is not.
    return this.#append({ type: "cleanup", state, ...(error !== undefined && { error: kindOf(error) }) });
  }

  forget(): Promise<void> {
    return this.#journal.remove(this.key);
  }

  #append(entry: Entry): Promise<void> {
    return this.#journal.append(this.key, entry);
  }
}

function kindOf(error: unknown): string {
  const { name, code, status } = Object(error) as { name?: unknown; code?: unknown; status?: unknown };
  return [name, code, status].filter((part) => part !== undefined).join(" ") || typeof error;
}
