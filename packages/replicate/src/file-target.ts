import type { PartTarget } from "@sluice/uploader";
import type { ReplicateFile } from "./api-objects.ts";
import type { FileCalls, FileDetails } from "./file-calls.ts";

/** What a file may hold: "less than 100MB", in the service's words. */
export const LARGEST_FILE = 100_000_000;

/** What a file is called, until it is there. */
export interface FileSession {
  readonly name: string;
  readonly type: string;
}

/** The files API as a target of `@sluice/uploader`: one request a file. Its only receipt is the file. */
export function fileTarget(
  calls: FileCalls,
  details: FileDetails,
  maxBytes: number = LARGEST_FILE,
): PartTarget<FileSession, ReplicateFile, ReplicateFile> {
  return {
    name: "Replicate",
    limits: {
      preferredPartSize: LARGEST_FILE,
      maxPartSize: LARGEST_FILE,
      maxParts: 1,
      maxBytes: Math.min(maxBytes, LARGEST_FILE),
    },
    repeat: "after-failure",
    create: async ({ name, type }) => ({ name, type }),
    put: ({ name, type }, { body }, { signal, sent }) =>
      calls.post(body, { filename: name, type, ...details }, { signal, onSent: sent }),
    async complete(_session, [file]) {
      return file as ReplicateFile;
    },
    // Nothing is there before its only request was answered; a file whose answer was lost expires in a day.
    cancel: async () => {},
  };
}
