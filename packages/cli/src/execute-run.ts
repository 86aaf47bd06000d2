import { runJob } from "@sluice/job";
import type { Journal } from "@sluice/uploader";
import { formatSize } from "./byte-size.ts";
import { EXIT } from "./exit-code.ts";
import type { Invocation } from "./invocation.ts";
import type { FileOnBoard, ProgressBoard } from "./progress-board.ts";
import type { ProviderEntry, ProviderHandle, RunSteps } from "./providers/provider-entry.ts";
import { NotSentError } from "./providers/watched-source.ts";
import { reportFailure } from "./report-failure.ts";
import { resultText } from "./result-text.ts";
import type { RunFiles } from "./run-files.ts";
import type { RunPlan } from "./run-plan.ts";
import { runKey } from "./saved-runs.ts";
import { settleRun } from "./settle-run.ts";
import { workId } from "./work-id.ts";

/** One run, and how it is made. */
export interface RunAttempt {
  readonly plan: RunPlan;
  readonly provider: ProviderEntry;
  readonly handle: ProviderHandle;
  readonly files: RunFiles;
  /** Where it is written down; undefined for a run that ends with this process. */
  readonly journal: Journal | undefined;
  /** Time for the task, and the first wait between two looks at it, in milliseconds. */
  readonly deadline?: number | undefined;
  readonly interval?: number | undefined;
  /** Where it is not known whether it was started: the task's id, or that there is none. */
  readonly started?: string | undefined;
  readonly startAgain?: boolean | undefined;
}

/** Makes a run, or goes on with it; prints its result, and gives the exit code. */
export async function executeRun(attempt: RunAttempt, invocation: Invocation, board: ProgressBoard): Promise<number> {
  const { plan, provider, handle, journal, deadline, interval, startAgain } = attempt;
  const { output, signal } = invocation;
  const key = runKey(plan);
  const id = workId(key);
  const sending = new Map<unknown, FileOnBoard>();
  const steps = stepsOf(attempt, (content, progress) => {
    const label = attempt.files.labelOf(content);
    const file = sending.get(content) ?? board.begin(label, progress.total);
    sending.set(content, file);
    file.update(progress);
  });
  let task: string | undefined;
  let printed = false;
  // Said when it does go on: it may turn out that it cannot.
  let goesOn: string | undefined;
  const tellGoesOn = () => {
    if (goesOn !== undefined) output.note(goesOn);
    goesOn = undefined;
  };
  // Before the run is forgotten: who is killed in between has the result, and maybe has it twice.
  const print = (result: unknown) => {
    if (printed) return;
    printed = true;
    const line = { type: "result", provider: provider.name, ...(task !== undefined && { id: task }), result } as const;
    board.setTask(id, undefined);
    output.result(line, resultText(result));
  };
  try {
    const result = await runJob<unknown, unknown, unknown>({
      ...(steps as Required<RunSteps>),
      task(started) {
        // What somebody found at the provider, or waits for, is known by its id alone.
        const found = typeof started === "string" ? handle.task?.(started) : steps.task(started);
        if (!found) throw new TypeError(`${provider.title} has no tasks`);
        tellGoesOn();
        for (const file of sending.values()) {
          file.end();
          output.note(`Sent ${file.label} (${formatSize(file.progress.sent)}) to ${provider.title}.`);
        }
        task = found.id;
        output.detail(`The task is ${task}.`);
        return found;
      },
      ...(journal && { journal, key }),
      deadline,
      interval,
      started: attempt.started,
      startAgain,
      signal,
      // What is kept is gone on with, or swept.
      cancelOnAbort: journal === undefined && plan.task === undefined,
      onProgress({ step, fraction, snapshot }) {
        tellGoesOn();
        if (step !== "task") return;
        if (snapshot?.state === "succeeded") return print(snapshot.result);
        const share = fraction === undefined ? "" : `, ${Math.floor(fraction * 100)} %`;
        board.setTask(id, `${provider.title}, task ${task}: ${snapshot?.state}${share}`);
      },
      onEvent(event) {
        if (event.type === "resume" && plan.task === undefined) goesOn = GOES_ON[event.step];
        if (event.type === "journal") output.note(`${event.warning.message}.`);
        if (event.type === "not-recorded") output.note(`The journal could not be written: ${messageOf(event.error)}.`);
      },
    });
    print(result);
    return EXIT.ok;
  } catch (thrown) {
    const error = thrown instanceof NotSentError ? thrown.cause : thrown;
    const failed = { error, provider, plan, key, id, journal, task, signal };
    const { hint, resume } = await settleRun(failed);
    const input = plan.content?.given ?? plan.task;
    return reportFailure(output, error, { provider, input, hint, resume }).exitCode;
  } finally {
    for (const file of sending.values()) file.end();
    board.setTask(id, undefined);
  }
}

const GOES_ON = {
  send: "Goes on with a run that was interrupted: nothing was started yet.",
  start: "Goes on with a run that was interrupted: its files have arrived.",
  task: "Goes on with a run that was interrupted: its task was started.",
} as const;

function stepsOf(
  { plan, handle, files, provider }: RunAttempt,
  onProgress: Parameters<NonNullable<ProviderHandle["job"]>>[0]["onProgress"],
): RunSteps {
  const { model = "", input = {}, steps = [], contentType, name } = plan;
  const made = handle.job?.({
    model,
    steps,
    input,
    contentType,
    content: () => (plan.content === undefined ? (plan.text ?? "") : files.open(plan.content, name)),
    files: () => (plan.files ?? []).map(({ member, ...file }) => ({ member, content: files.open(file) })),
    onProgress,
  });
  if (made) return made;
  throw new TypeError(`${provider.title} runs nothing`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
