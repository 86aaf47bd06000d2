import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { ReceivedUpload } from "../received-uploads.ts";
import { badRequest, OpenAiError } from "./errors.ts";
import { type OpenAiFile, unixSeconds } from "./file-table.ts";
import { newId } from "./ids.ts";

/** Seconds that an upload may take. */
const LIFETIME = 3600;

export interface UploadPart {
  readonly id: string;
  readonly size: number;
  /** Where its bytes wait for the upload's completion. */
  readonly path: string | undefined;
}

export interface NewUpload {
  readonly filename: string;
  readonly purpose: string;
  readonly mimeType: string;
  readonly bytes: number;
  readonly expiry: number | undefined;
}

/** What a completion asked for: the same again gets the same answer. */
export interface Completion {
  readonly partIds: readonly string[];
  readonly md5: string | undefined;
}

export interface OpenAiUpload extends NewUpload {
  readonly id: string;
  readonly createdAt: Date;
  readonly parts: Map<string, UploadPart>;
  status: ReceivedUpload["status"];
  /** While its parts are being put together: the outcome waits for that. */
  completing: Promise<unknown> | undefined;
  completion: Completion | undefined;
  file: OpenAiFile | undefined;
}

/** The uploads, and the one hour that each has. */
export class UploadTable {
  readonly #clock: Clock;
  readonly #bytes: ByteStore;
  readonly #uploads = new Map<string, OpenAiUpload>();

  constructor(clock: Clock, bytes: ByteStore) {
    this.#clock = clock;
    this.#bytes = bytes;
  }

  add(details: NewUpload): OpenAiUpload {
    this.#expire();
    const upload: OpenAiUpload = {
      ...details,
      id: newId("upload_"),
      createdAt: this.#clock.now(),
      parts: new Map(),
      status: "pending",
      completing: undefined,
      completion: undefined,
      file: undefined,
    };
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** @throws {OpenAiError} 404 where there is none */
  find({ upload_id: id = "" }: Readonly<Record<string, string>>): OpenAiUpload {
    this.#expire();
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw new OpenAiError(404, `No such Upload object: ${id}`, { param: "upload_id" });
    return upload;
  }

  /**
   * Acts on an upload that can still change, once a completion under way has ended. What `act` does at once
   * cannot cross another change.
   *
   * @throws {OpenAiError} 400 where the upload can no longer change
   */
  async whilePending<T>(upload: OpenAiUpload, act: () => T): Promise<T> {
    while (upload.completing !== undefined) await upload.completing.catch(() => {});
    this.#expire();
    if (upload.status !== "pending") throw badRequest(`Upload ${upload.id} is ${upload.status}.`, "upload_id");
    return act();
  }

  /** Ends an upload and lets go of the bytes of its parts. */
  end(upload: OpenAiUpload, status: Exclude<ReceivedUpload["status"], "pending">): void {
    upload.status = status;
    for (const { path } of upload.parts.values()) if (path !== undefined) this.#bytes.remove(path);
  }

  list(): ReceivedUpload[] {
    this.#expire();
    return [...this.#uploads.values()].map(({ id, filename, status, bytes, parts, file }) => ({
      id,
      provider: "openai",
      name: filename,
      status,
      size: bytes,
      parts: [...parts.values()].map((part) => ({ id: part.id, size: part.size })),
      fileId: file?.id,
    }));
  }

  #expire(): void {
    const now = unixSeconds(this.#clock.now());
    for (const upload of this.#uploads.values()) {
      const over = upload.status === "pending" && upload.completing === undefined && now >= expiresAt(upload);
      if (over) this.end(upload, "expired");
    }
  }
}

/** An upload as the API shows it. */
export function uploadJson(upload: OpenAiUpload): Record<string, unknown> {
  const { id, bytes, createdAt, filename, purpose, status, file } = upload;
  return {
    id,
    object: "upload",
    bytes,
    created_at: unixSeconds(createdAt),
    expires_at: expiresAt(upload),
    filename,
    purpose,
    status,
    ...(file === undefined ? {} : { file }),
  };
}

function expiresAt({ createdAt }: OpenAiUpload): number {
  return unixSeconds(createdAt) + LIFETIME;
}
