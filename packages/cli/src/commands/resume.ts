import type { Invocation } from "../invocation.ts";
import type { ProviderHandle } from "../providers/provider-entry.ts";
import { openProvider, providerNamed } from "../providers/providers.ts";
import { chosen, openJournal, savedUploads } from "../saved-uploads.ts";
import { type Item, sendFiles } from "../send-files.ts";
import { type TransferOptions, transferSettings } from "./send.ts";

export async function resume(
  ids: readonly string[],
  options: TransferOptions,
  invocation: Invocation,
): Promise<number> {
  const journal = await openJournal();
  const uploads = chosen(await savedUploads(journal), ids);
  if (uploads.length === 0) {
    invocation.output.note("Nothing is kept to be resumed.");
    return 0;
  }
  const settings = await transferSettings(options);
  const handles = new Map<string, ProviderHandle>();
  try {
    const items: Item[] = [];
    for (const { provider: name, path, baseUrl, ...rest } of uploads) {
      const provider = providerNamed(name);
      const at = JSON.stringify([name, baseUrl]);
      const handle = handles.get(at) ?? (await openProvider(provider, baseUrl));
      handles.set(at, handle);
      items.push({ given: path, provider, handle, baseUrl, name: rest.name, type: rest.type, values: rest.values });
    }
    return await sendFiles(items, { ...settings, journal }, invocation);
  } finally {
    await Promise.all([...handles.values()].map((handle) => handle[Symbol.asyncDispose]()));
  }
}
