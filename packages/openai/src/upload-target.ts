import type { PartTarget } from "@sluice/uploader";
import type { FileCalls } from "./file-calls.ts";
import type { UploadCalls } from "./upload-calls.ts";
import type { ExpiresAfter, OpenAIFile, Purpose } from "./upload-objects.ts";

const MIB = 1 << 20;

/** How a file is to be kept. */
export interface TargetOptions {
  /** What the file is for. */
  purpose: Purpose;
  /** @default the source's media type */
  mimeType?: string | undefined;
  /** @default the source's name */
  filename?: string | undefined;
  /** When the file is deleted; by default never, or after 30 days for `batch`. */
  expiresAfter?: ExpiresAfter | undefined;
  /** Told when the file's name does not go with its purpose. */
  onEvent?: ((event: UnusualNameEvent) => void) | undefined;
}

/** What must be remembered of an upload. Plain JSON. */
export interface UploadSession {
  readonly id: string;
  readonly filename: string;
  readonly bytes: number;
  /** Seconds since the epoch, by the server's clock. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** What a target tells besides. */
export interface UnusualNameEvent {
  readonly type: "unusual-name";
  readonly purpose: Purpose;
  readonly filename: string;
  /** What to do about it, in words for people. */
  readonly message: string;
}

/** Purposes whose files are lines of JSON, and have to be called so. */
const JSON_LINES: readonly string[] = ["fine-tune", "batch"];

/** Warns where the name does not go with the purpose: the server would refuse the file when all of it has been sent. */
export function checkName(filename: string, purpose: Purpose, onEvent: TargetOptions["onEvent"]): void {
  if (!JSON_LINES.includes(purpose) || filename.toLowerCase().endsWith(".jsonl")) return;
  const message = `Files for ${JSON.stringify(purpose)} are lines of JSON and are called .jsonl; this one is ${JSON.stringify(filename)}`;
  onEvent?.({ type: "unusual-name", purpose, filename, message });
}

/** The Uploads API as a target of `@sluice/uploader`; the receipt of a part is its id, the result the file. */
export function uploadTarget(
  calls: UploadCalls,
  files: FileCalls,
  { purpose, mimeType, filename, expiresAfter, onEvent }: TargetOptions,
): PartTarget<UploadSession, string, OpenAIFile> {
  return {
    name: "OpenAI",
    limits: {
      preferredPartSize: 64 * MIB,
      maxPartSize: 64 * MIB,
      maxBytes: 8 * 1024 * MIB,
      needsSize: true,
      lifetime: 3_600_000,
    },
    // A part sent twice gets two ids, and only the one that is named at the end counts.
    repeat: "after-failure",

    async create({ name, type, size }, { signal }) {
      if (!size) {
        throw new RangeError(
          `Cannot upload "${name}" to OpenAI: it must have at least 1 byte, received ${size === 0 ? "an empty file" : "one of unknown size"}`,
        );
      }
      checkName(filename ?? name, purpose, onEvent);
      const created = await calls.createUpload(
        { filename: filename ?? name, purpose, bytes: size, mimeType: mimeType ?? type, expiresAfter },
        { signal },
      );
      return {
        id: created.id,
        filename: created.filename,
        bytes: size,
        createdAt: created.created_at,
        expiresAt: created.expires_at,
      };
    },

    async put({ id }, { body }, { signal, sent }) {
      return (await calls.addUploadPart(id, body, { signal, onSent: sent })).id;
    },

    async complete({ id }, partIds, { digests }, { signal }) {
      const { file } = await calls.completeUpload(id, { partIds, md5: digests["md5"] }, { signal });
      return file;
    },

    async cancel({ id }, { signal }) {
      await calls.cancelUpload(id, { signal });
    },

    // There is no call that tells the state of an upload. Its file is found by what is known of it; two that fit equally
    // well, such as two uploads of one file at a time, tell nothing.
    async inspect({ filename: name, bytes, createdAt }, { signal }) {
      const { data } = await files.list({ purpose, order: "desc", limit: 100 }, { signal });
      const found = data.filter(
        (file) => file.filename === name && file.bytes === bytes && file.created_at >= createdAt,
      );
      const [file] = found;
      return file && found.length === 1 ? { state: "completed", result: file } : { state: "unknown" };
    },
  };
}
