import type { PartTarget } from "@sluice/uploader";
import type { FileCalls } from "./file-calls.ts";
import type { OpenAIFile } from "./upload-objects.ts";
import { checkName, type TargetOptions } from "./upload-target.ts";

/** What one request of the Files API takes. */
const MAX_FILE = 512_000_000;

/** The Files API as a target that takes a file in one part; for small ones, where three requests would cost more. */
export function fileTarget(
  files: FileCalls,
  { purpose, mimeType, filename, expiresAfter, onEvent }: TargetOptions,
): PartTarget<null, OpenAIFile, OpenAIFile> {
  return {
    name: "OpenAI files",
    limits: { preferredPartSize: MAX_FILE, maxParts: 1, maxBytes: MAX_FILE },
    // After an unclear failure it may be there: a second one would be there beside it.
    repeat: "never",
    async create({ name }) {
      checkName(filename ?? name, purpose, onEvent);
      return null;
    },
    put: (_session, { body }, { signal, sent }) =>
      files.create(body, { purpose, mimeType, filename, expiresAfter }, { signal, onSent: sent }),
    async complete(_session, [file]) {
      return file as OpenAIFile;
    },
    cancel: async () => {},
  };
}
