import { checkAccepted, openSendable, type Sendable } from "@sluice/http/provider";
import type { ByteSource } from "@sluice/source";
import { TooLargeError, upload } from "@sluice/uploader";
import { Base64TooLargeError, LARGEST_BASE64 } from "./base64-too-large-error.ts";
import { addressOf, expiryOf, type KieFile } from "./kie-file.ts";
import { lookAt } from "./look-at-url.ts";
import {
  checkSending,
  type KieReference,
  type Sending,
  type SendMethod,
  type SendOptions,
  type SendSettings,
} from "./send-options.ts";
import { unfitSize, unfitUrl } from "./unfit-url.ts";
import { uploadTarget } from "./upload-target.ts";
import { uploadUrl } from "./upload-url.ts";

/** Sends something the best way there is. */
export async function send(input: Sendable, settings: SendSettings, options: SendOptions): Promise<KieReference> {
  const sending = checkSending(input, settings, options);
  sending.signal?.throwIfAborted();
  if (input instanceof URL) return sendUrl(input, sending);
  const { source, close } = await openSendable(input, { provider: "kie.ai", signal: sending.signal });
  try {
    checkSource(source, sending);
    const { base64Limit } = sending.base64;
    const way = (source.size ?? Infinity) <= base64Limit ? "base64" : "stream";
    return await sendSource(source, way, sizeReason(source.size, base64Limit), sending);
  } finally {
    await close();
  }
}

/** Has kie.ai fetch what is at an address, or sends it from here. */
async function sendUrl(url: URL, sending: Sending): Promise<KieReference> {
  const { method, accept, maxBytes } = sending;
  const chosen = method === undefined;
  const unfit = chosen ? unfitUrl(url) : undefined;
  const byAddress = method === "url" || (chosen && unfit === undefined);
  const looking = accept !== undefined || maxBytes !== undefined;
  if (method === "url" && !looking) return fetched(url, undefined, "no byte passes through here", sending);
  const looked = await lookAt(url, { tolerant: chosen && byAddress && !looking, signal: sending.signal });
  if (looked === undefined) return fetched(url, undefined, "it could not be looked at from here", sending);
  try {
    const { source } = looked;
    checkSource(source, sending);
    const why = unfit ?? (chosen ? unfitSize(source.size) : undefined);
    if (byAddress && why === undefined) return await fetched(url, source, "no byte passes through here", sending);
    return await sendSource(source, "stream", `it is streamed through here: ${why}`, sending);
  } finally {
    await looked.close();
  }
}

async function fetched(
  url: URL,
  seen: ByteSource | undefined,
  remark: string,
  sending: Sending,
): Promise<KieReference> {
  const { call, place, options } = sending;
  const file = await uploadUrl(call, url, place, seen, options);
  return referenceTo(file, "url", `kie.ai fetches the URL itself; ${remark}`, sending);
}

/** Sends bytes one of two ways; `method` has the last word about it. */
async function sendSource(
  source: ByteSource,
  fitting: "base64" | "stream",
  reason: string,
  sending: Sending,
): Promise<KieReference> {
  const { call, place, options, maxBytes, method } = sending;
  const way = method === "base64" || method === "stream" ? method : fitting;
  const { name = "upload", size } = source;
  const bounded = way === "base64" && !sending.base64.allowLarge;
  if (bounded && (size ?? 0) > LARGEST_BASE64) throw new Base64TooLargeError(name, size);
  const most = bounded ? Math.min(maxBytes ?? Infinity, LARGEST_BASE64) : maxBytes;
  const file = await upload(source, uploadTarget(call, way, place, most), options).catch((error: unknown) => {
    // A stream whose size was not known has turned out to be more.
    if (!bounded || !(error instanceof TooLargeError) || most === maxBytes) throw error;
    throw new Base64TooLargeError(name, undefined, { cause: error });
  });
  return referenceTo(file, way, reason, sending);
}

function referenceTo(
  file: KieFile,
  method: SendMethod,
  reason: string,
  { now, place, method: asked }: Sending,
): KieReference {
  const { fileSize } = file;
  return {
    value: addressOf(file) as string,
    method,
    ...(typeof fileSize === "number" ? { size: fileSize } : {}),
    expiresAt: expiryOf(file, now()),
    reason: asked === undefined ? reason : '"method" asks for it',
    ...(place.fileName === undefined ? {} : { mayServeOld: true }),
    raw: file,
  };
}

/** @throws {NotAcceptedError | TooLargeError} before the first byte. */
function checkSource(source: ByteSource, { accept, maxBytes, place }: Sending): void {
  const { name, type, size } = source;
  checkAccepted("kie.ai", { name, type: place.type ?? type }, { accept });
  if (size === undefined || maxBytes === undefined || size <= maxBytes) return;
  throw new TooLargeError(name ?? "upload", "kie.ai", size, maxBytes);
}

function sizeReason(size: number | undefined, limit: number): string {
  if (size === undefined) return "its size is not known";
  return `its ${size} bytes are ${size > limit ? "more than" : "at most"} ${limit} ("base64Limit")`;
}
