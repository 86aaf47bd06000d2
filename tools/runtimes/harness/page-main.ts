// What a page runs its suites with; `tell` is a function that the browser's driver puts there.
import { blobSource } from "@sluice/source";
import { type Beside, setBeside } from "./beside.ts";
import { runSuites, type Suites } from "./run-suites.ts";

const scope = globalThis as unknown as {
  tell(message: string): Promise<void>;
  start(beside: Beside, names: readonly string[]): Promise<void>;
};

/** Offers the suites as `start`. */
export function offer(suites: Suites): void {
  scope.start = async (beside, names) => {
    setBeside(beside, async () => {
      const [file] = document.querySelector("input")?.files ?? [];
      if (file === undefined) throw new Error("Nobody picked a file");
      return blobSource(file);
    });
    const told: Promise<void>[] = [];
    const picked = Object.fromEntries(Object.entries(suites).filter(([name]) => names.includes(name)));
    await runSuites(picked, (message) => told.push(scope.tell(JSON.stringify(message))));
    await Promise.all(told);
  };
}
