interface About {
  readonly id: string;
  readonly provider: string | undefined;
  /** Reads begun for the task so far. */
  readonly attempt: number;
}

/** What went on that no snapshot tells. */
export type PollEvent =
  /** A read failed and will be tried again after `delay` milliseconds, of which the server asked for `after`. */
  | (About & { readonly type: "retry"; readonly error: unknown; readonly delay: number; readonly after: number })
  /** The remote task was asked to stop; `error` says why that failed, if it did. */
  | (About & { readonly type: "cancel"; readonly error?: unknown });
