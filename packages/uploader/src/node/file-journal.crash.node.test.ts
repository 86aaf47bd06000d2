import { expect, test } from "vitest";
import { appendAndKill } from "../../test-support/append-and-kill.ts";
import { contendAndKill } from "../../test-support/contend-and-kill.ts";

test("fileJournal has every entry that was kept when its process was killed, and one more at most", async () => {
  expect(await appendAndKill(4, 1)).toBeGreaterThan(0);
});

test("fileJournal never gives one lock to two processes, however many are killed", async () => {
  expect(await contendAndKill(4, 4)).toBeGreaterThan(0);
});
