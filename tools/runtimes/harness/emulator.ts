// What suites import as "@sluice/emulator". The emulator is a program for Node, so here it runs in a process beside, on
// the same machine: what a suite wants to know of it beyond this, it asks at `/_sluice`.
import { ask } from "./beside.ts";

/** The part of an emulator's handle that works from afar. */
export interface Emulator extends AsyncDisposable {
  readonly url: string;
  readonly urls: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts an emulator of its own for the caller. */
export async function startEmulator(options: object = {}): Promise<Emulator> {
  const { url, urls } = await ask<Pick<Emulator, "url" | "urls">>("/start", JSON.stringify(options));
  const close = async (): Promise<void> => ask("/close", url);
  return { url, urls, close, [Symbol.asyncDispose]: close };
}
