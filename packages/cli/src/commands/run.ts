import { UsageError } from "../command-error.ts";
import { parseDuration } from "../duration.ts";
import { executeRun } from "../execute-run.ts";
import { type Invocation, openBoard } from "../invocation.ts";
import { parseInput } from "../option-values.ts";
import { parseStep, readSteps } from "../parse-steps.ts";
import type { ProviderEntry, Step } from "../providers/provider-entry.ts";
import { openProvider, placeOf, providerNamed } from "../providers/providers.ts";
import { reportFailure } from "../report-failure.ts";
import { RunFiles } from "../run-files.ts";
import { mayHoldCredential, type RunPlan } from "../run-plan.ts";
import { openJournal } from "../saved-work.ts";

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
  readonly resume: boolean;
}

export async function run(given: string | undefined, options: RunOptions, invocation: Invocation): Promise<number> {
  const provider = providerNamed(options.to);
  const steps = [...(options.steps === undefined ? [] : readSteps(options.steps)), ...options.skill.map(parseStep)];
  check(provider, given, steps, options);
  const input = parseInput(options.input);
  const deadline = options.deadline === undefined ? undefined : parseDuration(options.deadline, "--deadline");
  await using files = new RunFiles();
  await using handle = await openProvider(provider, options.baseUrl);
  const { output } = invocation;
  let plan: RunPlan;
  try {
    plan = planOf(provider, given, { ...options, steps, input }, files);
  } catch (error) {
    return reportFailure(output, error, { provider }).exitCode;
  }
  const secret = options.resume && mayHoldCredential(plan);
  if (secret) output.note("This run is not written down: an address in it may hold a credential.");
  const journal = options.resume && !secret ? await openJournal() : undefined;
  const board = await openBoard(invocation);
  board.count = (plan.files?.length ?? 0) + (plan.content === undefined ? 0 : 1);
  try {
    return await executeRun({ plan, provider, handle, files, journal, deadline }, invocation, board);
  } finally {
    board.close();
  }
}

/** What is run, as it is written down. Opens the files, which tells at once of those that are not there. */
function planOf(
  provider: ProviderEntry,
  given: string | undefined,
  {
    steps,
    input,
    model,
    file,
    text,
    name,
    contentType,
    baseUrl,
  }: Omit<RunOptions, "steps" | "input"> & {
    readonly steps: readonly Step[];
    readonly input: Readonly<Record<string, unknown>>;
  },
  files: RunFiles,
): RunPlan {
  const place = baseUrl ?? placeOf(provider);
  const content = given === undefined ? undefined : files.plan(given, name);
  const members = file.map((pair) => {
    const member = memberIn(pair);
    return { member, ...files.plan(pair.slice(member.length + 1)) };
  });
  const all = {
    provider: provider.name,
    baseUrl: place,
    model,
    ...(provider.runs === "model" ? { input, files: members } : { steps }),
    content,
    text,
    name,
    contentType,
    once: files.once,
  };
  // Without what is undefined, so that it is the same when it has been written and read.
  return JSON.parse(JSON.stringify(all)) as RunPlan;
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
