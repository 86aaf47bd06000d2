import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Contender } from "../../harness/case.ts";

/** One file in one request: what this machine can do at all. Its CPU time is that of a whole process, start included. */
export const curl: Contender = {
  name: "curl -T",
  async run({ file, server }) {
    const { stdout } = await promisify(execFile)("curl", ["-sS", "-T", file, `${server}/file`]);
    return JSON.parse(stdout) as { bytes: number };
  },
};

/** Why curl stays ahead: for the report. */
export const AHEAD =
  "curl reads and writes through one buffer in C; here undici frames each chunk and Node carries it through libuv's threads";
