import type { ByteStore } from "../byte-store.ts";
import { isLoopback } from "../is-loopback.ts";
import { fetchFile } from "./fetch-file.ts";
import type { KieFile } from "./file-table.ts";
import { INSTRUCTION } from "./pretend-model.ts";

/** What a pretend model saw of a file in its input. */
export interface SeenFile {
  /** Where it stood in the input, as a JSON pointer. */
  readonly at: string;
  readonly via: "file" | "url";
  readonly type: string | null;
  readonly size: number | null;
  readonly sha256: string | null;
  readonly md5: string | null;
}

export interface SeenFileServices {
  readonly bytes: ByteStore;
  /** The file of ours that is at an address; undefined where the address is none of ours. */
  readonly ownFile: (url: URL) => { readonly file: KieFile | undefined } | undefined;
  readonly signal: AbortSignal;
}

/** Finds the files in an input, and digests them. Rejects with why the model cannot have one. */
export async function seeFiles(input: unknown, services: SeenFileServices): Promise<SeenFile[]> {
  const seen: SeenFile[] = [];
  for (const [at, text] of strings(input)) {
    if (!/^https?:\/\/\S+$/i.test(text) || !URL.canParse(text)) continue;
    seen.push({ at, ...(await see(new URL(text), services)) });
  }
  return seen;
}

async function see(url: URL, { bytes, ownFile, signal }: SeenFileServices): Promise<Omit<SeenFile, "at">> {
  const own = ownFile(url);
  if (own !== undefined) {
    const { file } = own;
    if (file === undefined) throw new Error(`The file at ${url.href} was not found: it expired, or never was`);
    const { type, size, sha256 = null, md5 = null } = file;
    return { via: "file", type, size, sha256, md5 };
  }
  if (!isLoopback(url)) return { via: "url", type: null, size: null, sha256: null, md5: null };
  const { type = null, stored } = await fetchFile(url, () => bytes.openDigest(), signal).catch((error: unknown) => {
    throw new Error(`The file at ${url.origin}${url.pathname} could not be fetched: ${String(Object(error).message)}`);
  });
  const { sha256 = null, md5 = null } = stored.digests ?? {};
  return { via: "url", type, size: stored.size, sha256, md5 };
}

/** All strings of an input, with where they stand; the emulator's own instruction left out. */
function* strings(value: unknown, at = ""): Generator<[string, string]> {
  if (typeof value === "string") yield [at, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    if (at === "" && key === INSTRUCTION) continue;
    yield* strings(item, `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
  }
}
