// Rebuilds what changes and runs the tests it touches, until stopped: `npm run watch`.
import { spawn } from "node:child_process";

const children = [
  spawn("tsc", ["-b", "--watch", "--preserveWatchOutput"], { stdio: ["ignore", "inherit", "inherit"] }),
  spawn("vitest", ["--dir", "packages"], { stdio: "inherit" }),
];
for (const child of children) {
  child.on("exit", () => {
    for (const other of children) other.kill();
  });
}
