import type { Step } from "./providers/provider-entry.ts";

/** A file of a run, as it is written down. */
export interface PlannedFile {
  /** An absolute path, an address, or `-`. */
  readonly given: string;
  /** Of a file as it was then: another content is another run. */
  readonly fingerprint?: string;
}

/** What a run is, as it is written down: enough to make it again. Plain JSON. */
export interface RunPlan {
  readonly provider: string;
  readonly baseUrl?: string;
  /** Of a task that was begun elsewhere, and is only waited for. */
  readonly task?: string;
  readonly model?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly files?: readonly (PlannedFile & { readonly member: string })[];
  readonly steps?: readonly Step[];
  /** What a pipeline is run on: a file, or a text. */
  readonly content?: PlannedFile;
  readonly text?: string;
  readonly name?: string;
  readonly contentType?: string;
  /** Tells runs on what came by a pipe from each other: it cannot be looked at again. */
  readonly once?: string;
}

/** Whether something in it may be a credential, as the query of a pre-signed link is one: such a plan is not written down. */
export function mayHoldCredential(value: unknown): boolean {
  if (typeof value === "string") {
    const url = /^https?:\/\//i.test(value) ? URL.parse(value) : null;
    return url !== null && `${url.username}${url.password}${url.search}` !== "";
  }
  return typeof value === "object" && value !== null && Object.values(value).some(mayHoldCredential);
}
