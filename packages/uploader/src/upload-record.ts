import type { Entry, Journal } from "./journal.ts";
import { partCount } from "./part-count.ts";
import type { Digests } from "./part-target.ts";
import type { Cleanup } from "./upload-event.ts";

const FORMAT = 1;

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

/** An upload as it was written down. */
export interface Recorded extends RecordHeader {
  readonly parts: ReadonlyMap<number, RecordedPart>;
  /** Whether its completion was begun: it may exist. */
  readonly completing: boolean;
}

/** One upload's place in a journal; without a journal nothing happens. */
export class UploadRecord {
  readonly #journal: Journal | undefined;
  readonly key: string;

  constructor(journal: Journal | undefined, key: string) {
    this.#journal = journal;
    this.key = key;
  }

  get kept(): boolean {
    return this.#journal !== undefined;
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

  async forget(): Promise<void> {
    await this.#journal?.remove(this.key);
  }

  async #append(entry: Entry): Promise<void> {
    await this.#journal?.append(this.key, entry);
  }
}

/**
 * Makes sense of a journal's entries.
 *
 * @returns Undefined where they are no upload's: another program's, or of another version.
 */
export function readRecord([first, ...rest]: readonly Entry[]): Recorded | undefined {
  if (first?.["type"] !== "upload" || first["format"] !== FORMAT) return undefined;
  const header = first as Entry & RecordHeader;
  const { size = 0, partSize = 1, session } = header;
  if (session === undefined) return undefined;
  const parts = new Map<number, RecordedPart>();
  let completing = false;
  for (const entry of rest) {
    completing ||= entry["type"] === "completing";
    if (entry["type"] !== "part") continue;
    const part = entry as Entry & RecordedPart;
    const possible = Number.isInteger(part.index) && part.index >= 0 && part.index < partCount(size, partSize);
    if (!possible || part.receipt === undefined) return undefined;
    parts.set(part.index, part);
  }
  return { ...header, parts, completing };
}

function kindOf(error: unknown): string {
  const { name, code, status } = Object(error) as { name?: unknown; code?: unknown; status?: unknown };
  return [name, code, status].filter((part) => part !== undefined).join(" ") || typeof error;
}
