import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders = new Set<string>();
let watching = false;

/**
 * Creates a folder that is gone when this process is: disposed, returned, thrown or ended by a signal (but SIGKILL).
 */
export function temporaryFolder(): Disposable & { readonly path: string } {
  if (!watching) watchExits();
  const path = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  folders.add(path);
  return { path, [Symbol.dispose]: () => remove(path) };
}

function remove(path: string): void {
  folders.delete(path);
  rmSync(path, { recursive: true, force: true });
}

function watchExits(): void {
  watching = true;
  process.on("exit", () => {
    for (const path of folders) remove(path);
  });
  for (const [signal, number] of [
    ["SIGINT", 2],
    ["SIGTERM", 15],
    ["SIGHUP", 1],
  ] as const) {
    // The shell's code for a death by this signal; exiting is what runs the listener above.
    process.once(signal, () => process.exit(128 + number));
  }
}
