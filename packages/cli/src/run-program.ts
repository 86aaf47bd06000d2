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
    return await refuse(args, error);
  }
  return exitCode;
}

/** Says what is wrong with the command line, to machines, too, as far as it can be told that one asks. */
async function refuse(args: readonly string[], error: CommanderError): Promise<number> {
  const [{ Output }, { UsageError }] = await Promise.all([import("./output.ts"), import("./command-error.ts")]);
  const [{ reportFailure }, { endLine }] = await Promise.all([import("./report-failure.ts"), import("./end-line.ts")]);
  const end = args.indexOf("--");
  const json = args.slice(0, end < 0 ? args.length : end).includes("--json");
  const output = new Output({ json, quiet: false, verbose: false });
  const { message, hint } = inWords(error);
  // Without a command its help is what is said.
  if (error.code !== "commander.help") reportFailure(output, new UsageError(message, hint));
  else output.machine({ type: "failed", message, hint });
  output.machine(endLine(EXIT.usage));
  return EXIT.usage;
}

/** What commander found wrong, said as everything else is. Values of options are not repeated: one may be a key. */
function inWords({ code, message }: CommanderError): { message: string; hint: string } {
  if (code === "commander.help") return { message: "No command was given.", hint: "See sluice help." };
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
