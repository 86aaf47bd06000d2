import { CommanderError } from "commander";
import { EXIT } from "./exit-code.ts";
import { createProgram } from "./program.ts";

/** Runs the command line, and tells what to exit with. */
export async function runProgram(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = createProgram(async (options, command) => {
    const { runCommand } = await import("./run-command.ts");
    exitCode = await runCommand(options, command);
  });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    const { message, hint } = inWords(error);
    if (message !== undefined) process.stderr.write(`sluice: ${message}\n        ${hint}\n`);
    return EXIT.usage;
  }
  return exitCode;
}

/** What commander found wrong, said as everything else is. Values of options are not repeated: one may be a key. */
function inWords({ code, message }: CommanderError): { message?: string; hint?: string } {
  // The help has been shown already.
  if (code === "commander.help") return {};
  const [what = "", meant] = message.replace(/^error: /, "").split("\n");
  const option = /^unknown option '(--?[^=']*)/.exec(what)?.[1];
  if (option !== undefined && /key|token|secret|password/i.test(option)) {
    return {
      message: `${option} is not taken: every user of this machine could see the key with ps.`,
      hint: "Set the provider's variable in the environment; sluice help shows their names.",
    };
  }
  const said = option === undefined ? what : `there is no option ${option}`;
  const hint = /Did you mean (.+)\?/.exec(meant ?? "")?.[1];
  return {
    message: `${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.$/, "")}.`,
    hint: hint === undefined ? "See sluice help, or sluice help <command>." : `Did you mean ${hint}?`,
  };
}
