import { accessSync, constants } from "node:fs";
import { type ByteSource, streamSource } from "@sluice/source";
import { file } from "@sluice/source/node";
import { CommandError } from "./command-error.ts";

/** Something named on the command line, opened. */
export interface Input {
  /** What to call it in messages: a path as given, or an address without what may be secret in it. */
  readonly label: string;
  readonly content: ByteSource | URL;
  /** Lets go of it. */
  close(): Promise<void>;
}

/**
 * Opens a file, an address (`http:`, `https:`) or, for `-`, the standard input. Files are looked at at once.
 *
 * @throws {Error} with a message for people, and Node's `code`, for what is no file that can be read.
 */
export function openInput(given: string, info: { name?: string | undefined; type?: string | undefined } = {}): Input {
  if (given === "-") {
    if (process.stdin.isTTY) {
      throw new CommandError(
        "- is the standard input, and that is the terminal.",
        "Pipe something into it, or name a file.",
      );
    }
    const source = streamSource(process.stdin as AsyncIterable<Uint8Array>, {
      name: info.name ?? "stdin",
      type: info.type,
    });
    return { label: "-", content: source, close: () => source.close() };
  }
  const url = addressOf(given);
  if (url) return { label: labelOf(given), content: url, close: async () => {} };
  try {
    const source = file(given, {
      ...(info.name !== undefined && { name: info.name }),
      ...(info.type !== undefined && { type: info.type }),
    });
    // The first read would tell, when the upload has already begun.
    accessSync(given, constants.R_OK);
    return { label: given, content: source, close: () => source.close() };
  } catch (error) {
    throw inWords(given, error);
  }
}

/** What to call it in messages: an address without user info and query, which may be credentials. */
export function labelOf(given: string): string {
  const url = addressOf(given);
  return url ? `${url.origin}${url.pathname}` : given;
}

/** Only these begin an address; all else is a path. */
function addressOf(given: string): URL | null {
  return /^https?:\/\//i.test(given) ? URL.parse(given) : null;
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "There is no file",
  EISDIR: "It is a folder, not a file:",
  EACCES: "This user may not read",
  EPERM: "This user may not read",
  ENOTDIR: "There is no file",
};

/** Names the path as it was given. */
function inWords(given: string, error: unknown): unknown {
  const words = WORDS[Object(error).code as string];
  if (words === undefined || !(error instanceof Error)) return error;
  return Object.assign(new Error(`${words} ${JSON.stringify(given)}.`, { cause: error }), { code: Object(error).code });
}
