import { Command, Option } from "commander";
import type { EmulateOptions } from "./commands/emulate.ts";
import type { GetOptions } from "./commands/get.ts";
import type { ResumeOptions } from "./commands/resume.ts";
import type { RunOptions } from "./commands/run.ts";
import type { SendOptions } from "./commands/send.ts";
import type { SweepOptions } from "./commands/sweep.ts";
import type { WaitOptions } from "./commands/wait.ts";
import * as examples from "./examples.ts";
import type { Invocation } from "./invocation.ts";
import { PROVIDERS } from "./providers/providers.ts";
import { version } from "./version.ts";

/** Options that every command takes. */
export interface GlobalOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly progress: boolean;
}

/** Runs one command with what all of them need. */
export type Runner = (options: GlobalOptions, command: (invocation: Invocation) => Promise<number>) => Promise<void>;

const names = PROVIDERS.map(({ name }) => name).join(", ");
const keys = PROVIDERS.map(
  ({ name, variable, baseUrlVariable }) => `  ${name.padEnd(10)} ${variable.padEnd(20)} ${baseUrlVariable}`,
);

const collect = (value: string, all: readonly string[]) => [...all, value];

/** The command line as people type it. What a command is made of is loaded when it runs. */
export function createProgram(run: Runner): Command {
  const program = new Command("sluice")
    .description(
      "Sends files of any size to AI providers, resumes what was interrupted, and follows tasks to their result.",
    )
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .option("--json", "one object of JSON a line on the standard output", false)
    .option("-q, --quiet", "say nothing but errors", false)
    .option("-v, --verbose", "tell of requests, replies and retries, and show stacks; never credentials", false)
    .option("--no-progress", "show no progress")
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", `\nKeys and addresses, from the environment:\n${keys.join("\n")}\n\n${examples.ALL}`)
    .exitOverride();

  const add = (usage: string, description: string, text: string) => {
    const command = program.command(usage).description(description).addHelpText("after", `\n${text}`);
    return command;
  };

  const transfer = (command: Command) =>
    command
      .option(
        "--concurrency <number>",
        "parts of a file on their way at once (default: as many as are worth it, up to 32)",
      )
      .option("--part-size <size>", "bytes a part, such as 64MiB")
      .option("--limit-rate <size>", "bytes a second for everything, such as 20MB")
      .option(
        "--memory <size>",
        "bytes that may be held at once of what comes by a pipe or an address (default: 128MiB)",
      );

  const send = transfer(
    add("send <input...>", "send files, addresses or the standard input (-)", examples.SEND).requiredOption(
      "--to <provider>",
      names,
    ),
  )
    .option("--name <name>", "what the file is to be called")
    .option("--type <type>", "its media type, such as video/mp4")
    .option("--base-url <address>", "where the provider's API is")
    .option("--no-resume", "do not write the upload down to be resumed");
  for (const option of providerOptions()) send.addOption(option);
  send.action((inputs: string[], _: unknown, command: Command) =>
    start(command, async (options: SendOptions) => {
      const { send: execute } = await import("./commands/send.ts");
      return (invocation) => execute(inputs, options, invocation);
    }),
  );

  add("run [input]", "run a model or a pipeline, and print what comes out", examples.RUN)
    .requiredOption(
      "--to <provider>",
      PROVIDERS.filter(({ runs }) => runs)
        .map(({ name }) => name)
        .join(", "),
    )
    .option("--model <name>", "the model, such as owner/name (replicate, kie)")
    .option("--input <name=text>", "a member of the model's input; name:=json for anything but text", collect, [])
    .option("--file <name=path>", "a file in the model's input; name[]=path adds to a list", collect, [])
    .option("--skill <name:param=value,...>", "a step of the pipeline (oneai)", collect, [])
    .option("--steps <file>", "the steps of the pipeline, as JSON (oneai)")
    .option("--text <text>", "what to run the pipeline on, instead of a file (oneai)")
    .option("--name <name>", "what the file is to be called")
    .option("--content-type <type>", "what the file holds, where its name does not tell (oneai)")
    .option("--deadline <time>", "give up waiting for the task after so long, such as 10m")
    .option("--base-url <address>", "where the provider's API is")
    .option("--no-resume", "do not write the run down to be resumed")
    .action((input: string | undefined, _: unknown, command: Command) =>
      start(command, async (options: RunOptions) => {
        const { run: execute } = await import("./commands/run.ts");
        return (invocation) => execute(input, options, invocation);
      }),
    );

  add("wait <provider> <task-id>", "wait for a task, and print its result", examples.WAIT)
    .option("--deadline <time>", "give up after so long, such as 10m")
    .option("--interval <time>", "the first wait between two looks (default: 500ms)")
    .option("--base-url <address>", "where the provider's API is")
    .option("--no-resume", "do not write down what is waited for")
    .action((provider: string, id: string, _: unknown, command: Command) =>
      start(command, async (options: WaitOptions) => {
        const { wait } = await import("./commands/wait.ts");
        return (invocation) => wait(provider, id, options, invocation);
      }),
    );

  transfer(add("resume [id...]", "go on with interrupted uploads and runs: those named, or all", examples.RESUME))
    .option("--started <task-id>", "of a run whose start is not known: it was started, and this is its task")
    .option("--start-again", "of a run whose start is not known: it was not started", false)
    .option("--deadline <time>", "give up waiting for tasks after so long, such as 10m")
    .action((ids: string[], _: unknown, command: Command) =>
      start(command, async (options: ResumeOptions) => {
        const { resume } = await import("./commands/resume.ts");
        return (invocation) => resume(ids, options, invocation);
      }),
    );

  add("list", "show the uploads and runs that can be resumed", examples.LIST).action((_: unknown, command: Command) =>
    start(command, async () => (await import("./commands/list.ts")).list),
  );

  add("sweep [id...]", "cancel interrupted uploads and runs at the provider, and forget them", examples.SWEEP)
    .option("--older-than <time>", "only those begun longer ago, such as 2h")
    .action((ids: string[], _: unknown, command: Command) =>
      start(command, async (options: SweepOptions) => {
        const { sweep } = await import("./commands/sweep.ts");
        return (invocation) => sweep(ids, options, invocation);
      }),
    );

  add("get <address>", "save what is at an address, such as an output before it expires", examples.GET)
    .option("-o, --output <file>", "where to, - for the standard output (default: the name that it has there)")
    .option("--digest <digest>", "what it must be, such as sha256:9f86…; else nothing is saved")
    .option("-f, --force", "replace a file that is there", false)
    .action((address: string, _: unknown, command: Command) =>
      start(command, async (options: GetOptions) => {
        const { get } = await import("./commands/get.ts");
        return (invocation) => get(address, options, invocation);
      }),
    );

  add("hash <input...>", "print digests of files, addresses or the standard input (-)", examples.HASH)
    .option("-a, --algorithm <names>", "md5, sha1, sha256, sha512, blake3, crc32, crc32c, crc64nvme, xxh64", "sha256")
    .action((inputs: string[], _: unknown, command: Command) =>
      start(command, async (options: { algorithm: string }) => {
        const { hash } = await import("./commands/hash.ts");
        return (invocation) => hash(inputs, options, invocation);
      }),
    );

  add("emulate", "stand in for all providers on this machine, until stopped", examples.EMULATE)
    .option("--port <number>", "0 takes a free one", "0")
    .option("--host <address>", "where to listen", "127.0.0.1")
    .option("--storage <folder>", "keep the bytes of what is received in there")
    .option("--no-digests", "compute no digests")
    .action((_: unknown, command: Command) =>
      start(command, async (options: EmulateOptions) => {
        const { emulate } = await import("./commands/emulate.ts");
        return (invocation) => emulate(options, invocation);
      }),
    );

  return program;

  function start<Options>(
    command: Command,
    load: (options: Options) => Promise<(invocation: Invocation) => Promise<number>>,
  ): Promise<void> {
    const options = command.optsWithGlobals<Options & GlobalOptions>();
    return run(options, async (invocation) => (await load(options))(invocation));
  }
}

/** The providers' own options; those that several have stand once. */
function providerOptions(): Option[] {
  const byFlags = Map.groupBy(
    PROVIDERS.flatMap(({ title, options }) => options.map((option) => ({ title, ...option }))),
    ({ flags }) => flags,
  );
  return [...byFlags].map(([flags, same]) => {
    const text = same.map(({ title, description }) => `${title}: ${description}`).join("; ");
    return new Option(flags, text).helpGroup("Options of one provider:");
  });
}
