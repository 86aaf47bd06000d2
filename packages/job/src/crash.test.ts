import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StartUnknownError } from "./index.ts";
import { MortalWorld, type Outcome } from "./mortal-world.test.support.ts";

const files = ["talk.mp4", "notes.txt"];

/** Lives and dies as given, then lives on; someone answers for the job when it asks. */
async function liveOn(world: MortalWorld, lives: readonly number[]): Promise<{ asked: number; last: Outcome }> {
  let asked = 0;
  let last: Outcome = "died";
  // Its result may be lost with the process that had it; the next one would begin another job.
  const done = { asked: 0, last: { result: "result of task-1" } };
  for (const moments of [...lives, Infinity, Infinity]) {
    if (world.over) return { ...done, asked };
    const starting = world.diedStarting;
    const before = last;
    last = await world.live(moments, world.answer(before));
    if (typeof last !== "string" && "error" in last) {
      expect(last.error).toBeInstanceOf(StartUnknownError);
      asked += 1;
      // Only where it cannot be known.
      if (before === "died") expect(starting || world.entries.get("job")?.at(-1)?.["type"] === "starting").toBe(true);
    }
    if (typeof last !== "string" && "result" in last) break;
  }
  return { asked, last };
}

describe.each([
  ["with a start", false],
  ["whose sending starts it", true],
])("a job %s", (_, sendStarts) => {
  test("that dies at any moment sends once, starts once, and comes to its result", async () => {
    const whole = new MortalWorld(files, sendStarts);
    expect(await whole.live(Infinity)).toEqual({ result: "result of task-1" });
    expect(whole.moments).toBeGreaterThan(30);
    let unknown = 0;
    for (let moment = 0; moment < whole.moments; moment += 1) {
      const world = new MortalWorld(files, sendStarts);
      expect(await world.live(moment)).toBe("died");
      const { asked, last } = await liveOn(world, []);
      unknown += asked;
      expect(last).toEqual({ result: "result of task-1" });
      expect(world.starts).toEqual([files]);
      expect(world.completed).toBe(files.length);
      // An upload of a sending that is not gone on with, because someone said what it started, is left to `sweep`.
      expect(world.entries.has("job")).toBe(false);
      if (!sendStarts) expect(world.entries.size).toBe(0);
      expect(world.clock.pending).toBe(0);
    }
    // With a start: the entry is there, and the request has not come back. Without: whenever the sending was not over.
    if (sendStarts) expect(unknown).toBeGreaterThan(20);
    else expect(unknown).toBe(4);
  });

  test("that dies again and again does so, too", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(40), { maxLength: 6 }), fc.nat(2), async (lives, count) => {
        const world = new MortalWorld(files.slice(0, count), sendStarts);
        const { last } = await liveOn(world, lives);
        expect(last).toEqual({ result: "result of task-1" });
        expect(world.starts.length).toBe(1);
        expect(world.completed).toBe(count);
        expect(world.entries.has("job")).toBe(false);
        if (!sendStarts) expect(world.entries.size).toBe(0);
        expect(world.clock.pending).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
