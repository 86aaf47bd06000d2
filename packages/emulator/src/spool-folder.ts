import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const open = new Set<string>();

/** Makes a temporary folder that goes when it is removed, or at the latest when the process exits by itself. */
export function openSpoolFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sluice-emulator-"));
  if (open.size === 0) process.on("exit", removeAll);
  open.add(folder);
  return folder;
}

/** Removes a folder made by {@link openSpoolFolder}, with all that is in it. */
export async function removeSpoolFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  open.delete(folder);
  if (open.size === 0) process.off("exit", removeAll);
}

function removeAll(): void {
  for (const folder of open) rmSync(folder, { recursive: true, force: true });
}
