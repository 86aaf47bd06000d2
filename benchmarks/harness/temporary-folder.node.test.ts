import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const module = JSON.stringify(new URL("temporary-folder.ts", import.meta.url).href);

/** Creates a folder with a file in it in another process, ends that as told, and returns how it ended and what is left. */
async function ended(how: string): Promise<{ code: number | null; left: boolean }> {
  const script = `
    import { writeFileSync } from "node:fs";
    import { temporaryFolder } from ${module};
    const { path } = temporaryFolder();
    writeFileSync(path + "/file", "x");
    console.log(path);
    ${how}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "ignore"] });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  expect(output).toMatch(/sluice-bench-\w+\n$/);
  return { code, left: existsSync(output.trim()) };
}

describe("temporaryFolder", () => {
  test("is gone when disposed", () => {
    let path: string;
    {
      using folder = temporaryFolder();
      path = folder.path;
      expect(existsSync(path)).toBe(true);
    }
    expect(existsSync(path)).toBe(false);
  });

  test.for([
    ["returns", "", 0],
    ["exits", "process.exit(7);", 7],
    ["throws", "throw new Error('x');", 1],
    ["leaves a rejection", "Promise.reject(new Error('x'));", 1],
    ["is interrupted", "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGINT');", 130],
    ["is terminated", "setInterval(() => {}, 1000); process.kill(process.pid, 'SIGTERM');", 143],
  ] as const)("is gone when the process %s", async ([, how, code]) => {
    expect(await ended(how)).toEqual({ code, left: false });
  });
});
