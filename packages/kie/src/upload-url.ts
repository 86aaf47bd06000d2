import { jsonBody } from "@sluice/http";
import type { RetryOptions } from "@sluice/retry";
import type { ByteSource } from "@sluice/source";
import { extensionOf } from "./file-name.ts";
import type { Caller } from "./kie-call.ts";
import { isFile, type KieFile } from "./kie-file.ts";
import type { FilePlace } from "./upload-target.ts";

/** Has kie.ai download what is at an address. No byte of it passes through here. */
export function uploadUrl(
  call: Caller,
  url: URL,
  { uploadPath, fileName, type }: FilePlace,
  seen: Pick<ByteSource, "name" | "type"> | undefined,
  { signal, retry }: { signal?: AbortSignal | undefined; retry?: RetryOptions | false | undefined },
): Promise<KieFile> {
  const shown = `${url.origin}${url.pathname}`;
  const address = new URL(url);
  address.hash = "";
  return call({
    action: `have kie.ai fetch ${shown}`,
    method: "POST",
    path: "/api/file-url-upload",
    body: jsonBody({ fileUrl: address.href, uploadPath, fileName: fileName ?? nameFor(url, type, seen) }),
    // What is fetched twice is there twice, or once by the name that was given; it costs nothing, and goes in a day.
    idempotent: true,
    retry,
    is: isFile,
    signal,
    address: url,
  });
}

/** A name that no other file has; left to the service, which will know the type, where nothing is known of it here. */
function nameFor(
  { pathname }: URL,
  type: string | undefined,
  seen: Pick<ByteSource, "name" | "type"> | undefined,
): string | undefined {
  const extension = extensionOf(seen?.name ?? pathname, type ?? seen?.type ?? "");
  return extension === undefined ? undefined : `${crypto.randomUUID()}.${extension}`;
}
