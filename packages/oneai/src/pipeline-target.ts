import type { ByteSource } from "@sluice/source";
import type { PartTarget } from "@sluice/uploader";

/** What one request for a file is given. */
interface FileContext {
  readonly signal: AbortSignal;
  /** Told of the bytes of the request's body that are gone. */
  onSent(bytes: number): void;
}

/** One request that carries a file. */
export interface FileRequest<Answer> {
  send(body: ByteSource, context: FileContext): Promise<Answer>;
  /** Bytes in front of the file, where it stands as base64 inside of something. */
  readonly before?: number;
}

/**
 * A request that carries a file as a target of `@sluice/uploader`: one part, streamed, and never sent again unless it has
 * certainly not been acted on, because twice would be run, and billed, twice.
 */
export function pipelineTarget<Answer>(
  { send, before }: FileRequest<Answer>,
  maxBytes: number | undefined,
): PartTarget<Record<string, never>, true, Answer> {
  let answer: Answer;
  return {
    name: "OneAI",
    limits: {
      preferredPartSize: Number.MAX_SAFE_INTEGER,
      maxParts: 1,
      ...(maxBytes !== undefined && { maxBytes }),
    },
    repeat: "never",
    create: async () => ({}),
    async put(_session, { body, size }, { signal, sent }) {
      let passed = 0;
      let told = 0;
      const onSent = (bytes: number) => {
        passed += bytes;
        // Of base64, four bytes are three of the file; what stands around it is nobody's.
        const own = before === undefined ? passed : Math.floor((Math.max(0, passed - before) * 3) / 4);
        const now = Math.min(own, size ?? own);
        sent(now - told);
        told = now;
      };
      answer = await send(body, { signal, onSent });
      return true;
    },
    complete: async () => answer,
    // There is nothing to undo: a task cannot be cancelled, and there is none before the only request was answered.
    cancel: async () => {},
  };
}
