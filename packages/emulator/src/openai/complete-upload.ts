import { badRequest } from "./errors.ts";
import { invalidType, missing, refuseOthers } from "./fields.ts";
import { newId } from "./ids.ts";
import type { Completion, OpenAiUpload, UploadPart } from "./upload-table.ts";
import type { UploadServices } from "./uploads.ts";

/** Reads the body of a completion. */
export function readCompletion(body: Record<string, unknown>): Completion {
  refuseOthers(body, ["part_ids", "md5"]);
  const { part_ids: partIds, md5 } = body;
  if (partIds === undefined || partIds === null) throw missing("part_ids");
  if (!Array.isArray(partIds) || !partIds.every((id): id is string => typeof id === "string")) {
    throw invalidType("part_ids", "an array of strings", partIds);
  }
  if (md5 === undefined || md5 === null) return { partIds, md5: undefined };
  if (typeof md5 !== "string") throw invalidType("md5", "a string", md5);
  return { partIds, md5: md5.toLowerCase() };
}

/**
 * Puts the parts together in the order asked for. What is wrong with the request leaves the upload pending,
 * so that it can be put right; a request that succeeded before succeeds again, since SDKs repeat it after a lost reply.
 */
export async function completeUpload(
  upload: OpenAiUpload,
  completion: Completion,
  services: UploadServices,
): Promise<OpenAiUpload> {
  // The first of two equal requests may still be at work when the second, sent because no reply came, arrives.
  while (upload.completing !== undefined) await upload.completing.catch(() => {});
  if (!services.strictComplete && isSame(upload.completion, completion)) return upload;
  await services.uploads.whilePending(upload, () => {
    const parts = chooseParts(upload, completion.partIds);
    upload.completing = assemble(upload, parts, completion, services).finally(() => {
      upload.completing = undefined;
    });
    return upload.completing;
  });
  return upload;
}

async function assemble(
  upload: OpenAiUpload,
  parts: readonly UploadPart[],
  completion: Completion,
  { bytes, files, uploads }: UploadServices,
): Promise<void> {
  const id = newId("file-");
  const paths = parts.map(({ path }) => path).filter((path) => path !== undefined);
  const { digests, path } = await bytes.join(paths, `openai/${id}`);
  if (completion.md5 !== undefined && digests !== undefined && completion.md5 !== digests.md5) {
    if (path !== undefined) await bytes.remove(path);
    throw badRequest(`The md5 of the assembled file is ${digests.md5}, not ${completion.md5}.`, "md5");
  }
  const { filename, mimeType, purpose, expiry } = upload;
  upload.file = files.add({ id, filename, type: mimeType, purpose, expiry }, { size: upload.bytes, digests, path });
  upload.completion = completion;
  uploads.end(upload, "completed");
}

function chooseParts(upload: OpenAiUpload, partIds: readonly string[]): UploadPart[] {
  if (new Set(partIds).size !== partIds.length) throw badRequest("A part may be named once only.", "part_ids");
  const parts = partIds.map((id) => {
    const part = upload.parts.get(id);
    if (part === undefined) throw badRequest(`Upload ${upload.id} has no part ${id}.`, "part_ids");
    return part;
  });
  if (parts.length === 0 && upload.bytes > 0) throw badRequest("At least one part is needed.", "part_ids");
  const sum = parts.reduce((total, { size }) => total + size, 0);
  if (sum !== upload.bytes) {
    throw badRequest(`The parts hold ${sum} bytes, but the upload was created for ${upload.bytes}.`, "bytes");
  }
  return parts;
}

function isSame(done: Completion | undefined, asked: Completion): boolean {
  return (
    done !== undefined &&
    done.md5 === asked.md5 &&
    done.partIds.length === asked.partIds.length &&
    done.partIds.every((id, index) => id === asked.partIds[index])
  );
}
