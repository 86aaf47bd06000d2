import type { HasherSet } from "./_hasher-set.ts";
import type { Plan } from "./_plan.ts";
import { WorkerLane } from "./_worker-lane.ts";
import { ALGORITHMS, type Algorithm } from "./algorithm.ts";
import { createDigest } from "./digest.ts";
import { createHasher } from "./hasher.ts";

/**
 * Starts one worker for each algorithm.
 *
 * @throws {StateRefusedError} for a state that is refused; it is tried here first, since an error's class does not pass
 *   between threads. Anything else says that there are no workers to be had.
 */
export async function openWorkerSet({ members, resumable }: Plan): Promise<HasherSet> {
  for (const { name, from } of members) {
    if (from && !ALGORITHMS[name as Algorithm].polynomial) await createHasher(name as Algorithm, { from });
  }
  const lanes: WorkerLane[] = [];
  const close = async (reason?: unknown): Promise<void> => {
    await Promise.all(lanes.map((lane) => lane.close(reason)));
  };
  let engines: string[];
  try {
    for (const member of members) lanes.push(new WorkerLane(member, resumable));
    engines = await Promise.all(lanes.map((lane) => lane.engine));
  } catch (reason) {
    await close(reason);
    throw reason;
  }
  return {
    engines: Object.fromEntries(members.map(({ name }, index) => [name, engines[index] as string])),
    update(bytes) {
      const waits = lanes.map((lane) => lane.write(bytes)).filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Promise.all(waits).then(() => {});
    },
    async save() {
      const states = await Promise.all(lanes.map((lane) => lane.save()));
      return Object.fromEntries(members.map(({ name }, index) => [name, states[index] as (typeof states)[number]]));
    },
    async digest() {
      const digests = await Promise.all(lanes.map((lane) => lane.digest()));
      return members.map(({ name }, index) => createDigest(name, digests[index] as Uint8Array<ArrayBuffer>));
    },
    close,
  };
}
