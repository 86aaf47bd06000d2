import { formatSize } from "../byte-size.ts";
import type { Invocation } from "../invocation.ts";
import { openJournal, savedUploads } from "../saved-uploads.ts";

export async function list({ output }: Invocation): Promise<number> {
  const uploads = await savedUploads(await openJournal());
  if (uploads.length === 0) output.note("Nothing is kept.");
  for (const { id, provider, path, size, arrived, createdAt } of uploads) {
    const how = size === undefined ? "" : `${formatSize(arrived ?? 0)} of ${formatSize(size)}`;
    output.result(
      {
        type: "upload",
        id,
        provider,
        input: path,
        ...(size !== undefined && { size }),
        ...(arrived !== undefined && { arrived }),
        ...(createdAt !== undefined && { createdAt: createdAt.toISOString() }),
      },
      [id, provider.padEnd(9), how.padEnd(20), createdAt?.toISOString().slice(0, 16) ?? "", path].join("  "),
    );
  }
  return 0;
}
