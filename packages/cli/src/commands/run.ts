import { UsageError } from "../command-error.ts";
import { parseDuration } from "../duration.ts";
import { EXIT } from "../exit-code.ts";
import { type Invocation, openBoard } from "../invocation.ts";
import { type Input, openInput } from "../open-input.ts";
import { parseInput } from "../option-values.ts";
import { parseStep, readSteps } from "../parse-steps.ts";
import type { ProviderEntry, Step } from "../providers/provider-entry.ts";
import { openProvider, providerNamed } from "../providers/providers.ts";
import { reportFailure } from "../report-failure.ts";
import { resultText } from "../result-text.ts";

/** Options of `sluice run`, as they are written. */
export interface RunOptions {
  readonly to: string;
  readonly model?: string;
  readonly input: readonly string[];
  readonly file: readonly string[];
  readonly skill: readonly string[];
  readonly steps?: string;
  readonly text?: string;
  readonly name?: string;
  readonly contentType?: string;
  readonly deadline?: string;
  readonly baseUrl?: string;
}

export async function run(given: string | undefined, options: RunOptions, invocation: Invocation): Promise<number> {
  const provider = providerNamed(options.to);
  const steps = stepsOf(options);
  check(provider, given, steps, options);
  const input = parseInput(options.input);
  const deadline = options.deadline === undefined ? undefined : parseDuration(options.deadline, "--deadline");
  const { output, signal } = invocation;
  const opened: Input[] = [];
  let started: string | undefined;
  try {
    const open = (what: string, name?: string) => {
      const found = openInput(what, { name });
      opened.push(found);
      return found;
    };
    const content = given === undefined ? undefined : open(given, options.name);
    const files = options.file.map((pair) => ({
      member: memberIn(pair),
      content: open(pair.slice(pair.indexOf("=") + 1)).content,
    }));
    await using handle = await openProvider(provider, options.baseUrl);
    const board = await openBoard(invocation);
    const label = content?.label ?? opened[0]?.label;
    const file = label === undefined ? undefined : board.begin(label, undefined);
    let result: unknown;
    try {
      result = await handle.run?.({
        model: options.model,
        steps,
        content: content?.content ?? options.text,
        contentType: options.contentType,
        input,
        files,
        deadline,
        signal,
        onProgress: (progress) => file?.update(progress),
        onStarted(id) {
          started = id;
          file?.end();
          output.detail(`The task is ${id}.`);
        },
      });
    } finally {
      file?.end();
      board.close();
    }
    const id = started === undefined ? {} : { id: started };
    output.result({ type: "result", provider: provider.name, ...id, result }, resultText(result));
    return EXIT.ok;
  } catch (error) {
    const { exitCode } = reportFailure(output, error, { provider });
    if (signal.aborted && started !== undefined && provider.name !== "replicate") {
      output.note(`        The task goes on: sluice wait ${provider.name} ${started}`);
    }
    return exitCode;
  } finally {
    await Promise.all(opened.map(({ close }) => close()));
  }
}

function stepsOf({ skill, steps }: RunOptions): Step[] {
  return [...(steps === undefined ? [] : readSteps(steps)), ...skill.map(parseStep)];
}

function memberIn(pair: string): string {
  const at = pair.indexOf("=");
  if (at > 0 && at < pair.length - 1) return pair.slice(0, at);
  throw new UsageError(`"${pair}" is no file of an input.`, "Write name=path, as in --file image=photo.png.");
}

/** @throws {UsageError} for what does not go together. */
function check(provider: ProviderEntry, given: string | undefined, steps: readonly Step[], options: RunOptions): void {
  const { title, runs } = provider;
  if (runs === undefined) {
    throw new UsageError(`${title} runs nothing here.`, "sluice send uploads the file, for requests of your own.");
  }
  if (runs === "model") {
    if (options.model === undefined)
      throw new UsageError(`${title} needs a model.`, "Name it with --model owner/name.");
    if (steps.length > 0)
      throw new UsageError(`--skill and --steps are for pipelines, and ${title} runs models.`, "Leave them out.");
    if (given !== undefined || options.text !== undefined) {
      throw new UsageError(
        `${title} must know what the file is in the model's input.`,
        "Write --file image=photo.png, or --input prompt=… for a text.",
      );
    }
    return;
  }
  if (options.model !== undefined || options.input.length > 0 || options.file.length > 0) {
    throw new UsageError(
      `--model, --input and --file are for models, and ${title} runs pipelines.`,
      "Name the file, and what to do with --skill.",
    );
  }
  if (steps.length === 0)
    throw new UsageError(`${title} needs at least one step.`, "Name it with --skill summarize, or --steps steps.json.");
  if ((given === undefined) === (options.text === undefined)) {
    throw new UsageError("One thing can be run at a time: a file, an address, - or --text.", "Name one of them.");
  }
}
