import { EXIT } from "./exit-code.ts";
import { version } from "./version.ts";

// What comes here is a fault of ours. It is said as everything else is.
process.on("uncaughtException", (error) => {
  const where = process.argv.includes("--verbose") || process.argv.includes("-v") ? `\n${error.stack}` : "";
  process.stderr.write(`sluice: ${error.message}\n        This is a fault of sluice; --verbose shows where.${where}\n`);
  process.exit(EXIT.failed);
});

// Whoever reads has seen enough: `sluice help | head`. A command's own results have `Output` to notice it.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    // EIO: the terminal is gone.
    if (code === "EPIPE" || code === "EIO") return;
    process.stderr.write(`sluice: The output cannot be written: ${message}.\n        Give it a place with room.\n`);
    process.exit(EXIT.failed);
  });
}

const args = process.argv.slice(2);
if (args.length === 1 && ["--version", "-V"].includes(args[0] ?? "")) {
  // Scripts ask for it: the parser, half of the time that it would take, is not loaded.
  process.stdout.write(`${version()}\n`);
} else {
  const { runProgram } = await import("./run-program.ts");
  process.exitCode = await runProgram(args);
}
