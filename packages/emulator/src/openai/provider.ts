import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import { PREFIXES, type Provider } from "../provider.ts";
import type { ReceivedUpload } from "../received-uploads.ts";
import type { FileShelf } from "../stored-files.ts";
import { errorReply, OpenAiError, unauthorized } from "./errors.ts";
import { FileTable } from "./file-table.ts";
import { fileRoutes } from "./files.ts";
import { UploadTable } from "./upload-table.ts";
import { uploadRoutes } from "./uploads.ts";

/** How the OpenAI part of the emulator behaves where the service's own behaviour is not known. */
export interface OpenAiOptions {
  /**
   * Whether completing a completed upload again, with the same body, is refused with a 400 instead of answered alike.
   *
   * @default false
   */
  strictComplete?: boolean;
}

/** What the provider shares with the rest of the emulator. */
export interface OpenAiServices {
  readonly clock: Clock;
  readonly bytes: ByteStore;
  readonly shelf: FileShelf;
}

/** OpenAI's uploads and files. */
export function openaiProvider(
  { clock, bytes, shelf }: OpenAiServices,
  { strictComplete = false }: OpenAiOptions,
): Provider & { uploads(): ReceivedUpload[] } {
  const uploads = new UploadTable(clock, bytes);
  const files = new FileTable(clock, shelf, bytes);
  return {
    name: "openai",
    prefix: PREFIXES.openai,
    routes: [...uploadRoutes({ uploads, files, bytes, clock, strictComplete }), ...fileRoutes(files, bytes, shelf)],
    uploads: () => uploads.list(),
    authorize({ request }) {
      if (!/^Bearer \S/i.test(request.headers.authorization ?? "")) {
        throw unauthorized("No API key was given: send it in an Authorization header, as `Authorization: Bearer KEY`.");
      }
    },
    headers: ({ request, record, started }) => ({
      "x-request-id": record.id,
      "openai-version": "2020-10-01",
      "openai-organization": String(request.headers["openai-organization"] ?? "org-emulator"),
      "openai-processing-ms": String(Math.round(performance.now() - started)),
    }),
    failed: errorReply,
    refused: (status, message) => errorReply(status === 401 ? unauthorized(message) : new OpenAiError(status, message)),
    softError: (_code, message) => ({ ...errorReply(new OpenAiError(400, message)), status: 200 }),
    noRoute(method, path, allowed) {
      if (allowed.length === 0) return errorReply(new OpenAiError(404, `Invalid URL (${method} ${path})`));
      const headers = { allow: allowed.join(", ") };
      return errorReply(new OpenAiError(405, `Not allowed to ${method} on ${path}.`, { headers }));
    },
  };
}
