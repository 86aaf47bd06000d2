import { createThreadSet, type HasherSet } from "./_hasher-set.ts";
import type { Plan } from "./_plan.ts";
import { openWorkerSet } from "./_worker-set.ts";
import type { HashEvent } from "./hash-stream.ts";
import { StateRefusedError } from "./state-refused-error.ts";

/** Hashers in workers; where none can be started, here, which is told. */
export async function openSet(
  plan: Plan,
  onEvent: ((event: HashEvent) => void) | undefined,
): Promise<{ readonly set: HasherSet; readonly where: "worker" | "thread" }> {
  try {
    return { set: await openWorkerSet(plan), where: "worker" };
  } catch (reason) {
    if (reason instanceof StateRefusedError) throw reason;
    const set = await createThreadSet(plan);
    onEvent?.({ type: "worker-unavailable", reason });
    return { set, where: "thread" };
  }
}
