import { randomBytes } from "node:crypto";
import type { Stored } from "../byte-sink.ts";
import type { ByteStore } from "../byte-store.ts";
import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { readJsonObject } from "../json-body.ts";
import { receiveForm } from "../multipart.ts";
import type { Route } from "../provider.ts";
import type { Reply } from "../reply.ts";
import { readBase64Upload } from "./base64-file.ts";
import { KieError, missing } from "./errors.ts";
import { FetchFailed, fetchFile } from "./fetch-file.ts";
import type { FileTable, KieFile } from "./file-table.ts";
import { typeOfName } from "./media-types.ts";
import { folderOf, generatedName, givenName } from "./upload-fields.ts";

/** The members of an answer: as seen of the live service, or as its quickstart shows them. */
export type UploadReply = "live" | "quickstart";

export interface UploadServices {
  readonly files: FileTable;
  readonly bytes: ByteStore;
  readonly clock: Clock;
  readonly requireUploadPath: boolean;
  /** How long a download by URL may take, in real milliseconds. */
  readonly urlTimeout: number;
  readonly uploadReply: UploadReply;
  /** Aborted when the emulator closes. */
  readonly closed: AbortSignal;
  /** Where a file can be downloaded. */
  readonly urlOf: (exchange: Exchange, path: string) => string;
}

/** The paths of the three uploads, as an answer to another path lists them. */
export const UPLOAD_PATHS = ["/api/file-stream-upload", "/api/file-base64-upload", "/api/file-url-upload"] as const;

/** The three ways to bring a file in. */
export function uploadRoutes(services: UploadServices): Route[] {
  const [stream, base64, url] = UPLOAD_PATHS;
  return [
    { name: "uploads.stream", method: "POST", path: stream, handle: (exchange) => byForm(exchange, services) },
    { name: "uploads.base64", method: "POST", path: base64, handle: (exchange) => byBase64(exchange, services) },
    { name: "uploads.url", method: "POST", path: url, handle: (exchange) => byUrl(exchange, services) },
  ];
}

async function byForm(exchange: Exchange, services: UploadServices): Promise<Reply> {
  const { bytes } = services;
  const { fields, files } = await receiveForm(exchange.body, exchange.request.headers, {
    sinkFor: (field) => (field === "file" ? bytes.openFile(newStorageName()) : undefined),
    fileLimit: Infinity,
    tooLarge: 413,
  });
  const file = files.get("file");
  if (file === undefined) throw missing("file");
  const given = Object.fromEntries(fields);
  // What has a type that says nothing has that of its extension.
  const type = file.type === "application/octet-stream" ? undefined : file.type;
  return take(exchange, services, { fields: given, originalName: file.filename, type, stored: file });
}

async function byBase64(exchange: Exchange, services: UploadServices): Promise<Reply> {
  const { fields, type, stored } = await readBase64Upload(exchange, services.bytes, newStorageName());
  return take(exchange, services, { fields, originalName: undefined, type, stored });
}

async function byUrl(exchange: Exchange, services: UploadServices): Promise<Reply> {
  const { bytes, urlTimeout, closed } = services;
  const fields = await readJsonObject(exchange);
  const { fileUrl } = fields;
  if (fileUrl === undefined || fileUrl === null || fileUrl === "") throw missing("fileUrl");
  const url = typeof fileUrl === "string" ? URL.parse(fileUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new KieError(400, "Invalid parameter: fileUrl must be an HTTP or HTTPS URL");
  }
  // Before the download, so that nothing is fetched for a request that is refused.
  checkFields(fields, services);
  const signal = AbortSignal.any([AbortSignal.timeout(urlTimeout), closed, exchange.gone]);
  const { type, stored } = await fetchFile(url, () => bytes.openFile(newStorageName()), signal).catch(
    (error: unknown) => {
      if (!(error instanceof FetchFailed)) throw error;
      throw new KieError(400, `Failed to download file from URL: ${error.message}`);
    },
  );
  const originalName = decode(url.pathname.slice(url.pathname.lastIndexOf("/") + 1)) || undefined;
  return take(exchange, services, { fields, originalName, type, stored });
}

interface Arrived {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly originalName: string | undefined;
  /** What was said of it. */
  readonly type: string | undefined;
  readonly stored: Stored;
}

/** Puts bytes that have arrived among the files; they are let go of where the request is wrong. */
async function take(exchange: Exchange, services: UploadServices, arrived: Arrived): Promise<Reply> {
  const { files, bytes, clock } = services;
  const { fields, originalName, stored } = arrived;
  try {
    const { folder, fileName } = checkFields(fields, services);
    const type = arrived.type ?? typeOfName(fileName ?? originalName ?? "") ?? "application/octet-stream";
    const name = fileName ?? generatedName(clock.now(), originalName, type);
    const path = folder === "" ? name : `${folder}/${name}`;
    const file = files.add({ path, originalName: originalName ?? name, type }, stored);
    return { status: 200, json: uploaded(exchange, file, folder, name, services) };
  } catch (error) {
    if (stored.path !== undefined) await bytes.remove(stored.path);
    throw error;
  }
}

function checkFields(
  { uploadPath, fileName }: Readonly<Record<string, unknown>>,
  { requireUploadPath }: UploadServices,
): { folder: string; fileName: string | undefined } {
  return { folder: folderOf(uploadPath, requireUploadPath), fileName: givenName(fileName) };
}

function uploaded(
  exchange: Exchange,
  file: KieFile,
  folder: string,
  fileName: string,
  { uploadReply, urlOf }: UploadServices,
): Record<string, unknown> {
  const { path, size: fileSize, type: mimeType, originalName, uploadedAt, expiresAt } = file;
  const downloadUrl = urlOf(exchange, path);
  const members =
    uploadReply === "live"
      ? {
          success: true,
          fileName,
          filePath: path,
          downloadUrl,
          fileSize,
          mimeType,
          uploadedAt: uploadedAt.toISOString(),
        }
      : {
          fileId: `file_${file.etag.slice(1, 10)}`,
          fileName,
          originalName,
          fileSize,
          mimeType,
          uploadPath: folder,
          fileUrl: downloadUrl,
          downloadUrl,
          uploadTime: uploadedAt.toISOString(),
          expiresAt: expiresAt.toISOString(),
        };
  return { success: true, code: 200, msg: "File uploaded successfully", data: members };
}

/** Where bytes lie before anything is known of their place in the account. */
function newStorageName(): string {
  return `kie/${randomBytes(12).toString("hex")}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
