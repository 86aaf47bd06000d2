import { expect, test } from "vitest";
import { appendAndKill } from "../../test-support/append-and-kill.ts";
import { contendAndKill } from "../../test-support/contend-and-kill.ts";

test("fileJournal has every entry that was kept when its process was killed, 150 times", async () => {
  expect(await appendAndKill(150, 2)).toBeGreaterThan(0);
}, 300_000);

test("fileJournal never gives one lock to two processes, while 200 are killed", async () => {
  expect(await contendAndKill(6, 200)).toBeGreaterThan(0);
}, 300_000);
