import { type Reference, type Sendable, sendFiles } from "@sluice/http/provider";
import type { StepContext } from "@sluice/job";
import type { Progress } from "@sluice/uploader";
import { addFiles } from "./add-files.ts";
import type { RunRequest, RunSteps } from "./provider-entry.ts";

/** Files that are sent at once. */
const AT_ONCE = 4;

type Input = Readonly<Record<string, unknown>>;
type Send = (
  file: Sendable,
  options: { readonly signal: AbortSignal; readonly onProgress: (progress: Progress) => void },
) => Promise<Reference>;

/** Runs a model: the files of its input are sent, each with a progress of its own, then the task is made. */
export function modelSteps(
  { input, files, onProgress }: RunRequest,
  send: Send,
  start: (input: Input, context: StepContext) => Promise<unknown>,
  task: RunSteps["task"],
): RunSteps {
  return {
    send: ({ signal }) =>
      sendFiles(addFiles(input, files()), AT_ONCE, signal, async (file, stop) => {
        const { value } = await send(file, { signal: stop, onProgress: (progress) => onProgress(file, progress) });
        return value;
      }),
    start: (ready, context) => start(ready as Input, context),
    task,
  };
}
