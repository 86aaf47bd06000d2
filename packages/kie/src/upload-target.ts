import { asDataUri, type Body, jsonBody, multipartBody } from "@sluice/http";
import { type ByteSource, SizeMismatchError } from "@sluice/source";
import type { FileInfo, PartTarget } from "@sluice/uploader";
import { checkFileName, checkUploadPath, uniqueName } from "./file-name.ts";
import type { Caller } from "./kie-call.ts";
import { isFile, type KieFile } from "./kie-file.ts";

/** Where and how a file is kept at kie.ai. */
export interface FileOptions {
  /** The folder; slashes around it do not matter. @default "uploads" */
  uploadPath?: string | undefined;
  /**
   * What the file is called. One of yours overwrites what has that name, and caches may go on serving the old one.
   * @default a name that no other file has, with the right extension
   */
  fileName?: string | undefined;
  /** Media type. @default the source's */
  type?: string | undefined;
}

/** The options with what is left out filled in, and checked. */
export interface FilePlace {
  readonly uploadPath: string;
  readonly fileName: string | undefined;
  readonly type: string | undefined;
}

/** @throws {TypeError | RangeError} for a folder or a name that is none. */
export function placeOf(action: string, { uploadPath = "uploads", fileName, type }: FileOptions): FilePlace {
  checkFileName(action, fileName);
  return { uploadPath: checkUploadPath(action, uploadPath), fileName, type };
}

/** One of the two uploads of bytes as a target of `@sluice/uploader`: one request a file. Its only receipt is the file. */
export function uploadTarget(
  call: Caller,
  way: "stream" | "base64",
  { uploadPath, fileName, type }: FilePlace,
  maxBytes?: number,
): PartTarget<FileInfo, KieFile, KieFile> {
  return {
    name: "kie.ai",
    limits: {
      preferredPartSize: Number.MAX_SAFE_INTEGER,
      maxParts: 1,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    },
    // Uploads cost nothing, and what was sent in vain is gone in a day.
    repeat: "after-failure",
    create: async (file) => ({ ...file, type: type ?? file.type }),

    async put(file, { body: source, size }, { signal, sent }) {
      // Anew with each attempt: what a lost one has left under its name may be served for that name all day.
      const name = fileName ?? uniqueName(file);
      const place = { uploadPath, fileName: name };
      const body = way === "stream" ? formOf(source, file, place) : jsonOf(source, file, place);
      return call({
        action: `upload "${file.name}"`,
        method: "POST",
        path: `/api/file-${way}-upload`,
        body,
        idempotent: true,
        retry: false,
        is: isFile,
        signal,
        onSent: shareOf(body, size, way === "base64" ? 3 / 4 : 1, sent),
      });
    },

    async complete(file, [stored], { size }) {
      const { fileSize, ...rest } = stored as KieFile;
      if (fileSize === undefined || fileSize === size) return { ...rest, fileSize: size };
      throw new SizeMismatchError(`what kie.ai has of "${file.name}"`, size, fileSize);
    },

    // Nothing is there before its only request was answered, and there is no call that would remove it.
    cancel: async () => {},
  };
}

interface Place {
  readonly uploadPath: string;
  readonly fileName: string;
}

function formOf(source: ByteSource, { name, type }: FileInfo, place: Place): Body {
  return multipartBody({ ...place, file: { source, name, type } });
}

function jsonOf(source: ByteSource, { type }: FileInfo, place: Place): Body {
  return jsonBody({ base64Data: asDataUri(source, { type }), ...place });
}

/** Tells of the bytes of a file that are gone, from those of a body that has more than the file in it. */
function shareOf(
  body: Body,
  size: number | undefined,
  ratio: number,
  sent: (bytes: number) => void,
): (bytes: number) => void {
  let passed = 0;
  let told = 0;
  return (bytes) => {
    passed += bytes;
    // The end of the body is the end of the file; in between, what stands around it is spread over it.
    const share = size === undefined || body.size === undefined ? passed * ratio : (passed / body.size) * size;
    const now = Math.min(Math.floor(share), size ?? Number.POSITIVE_INFINITY);
    sent(now - told);
    told = now;
  };
}
