import {
  PollDeadlineError,
  type PollOptions,
  type PollState,
  poll,
  type Snapshot,
  type Task,
  TaskCanceledError,
  TaskFailedError,
} from "@sluice/poller";
import { systemClock } from "@sluice/retry";
import type { JobRecord } from "./_job-record.ts";
import type { Recorded } from "./_read-record.ts";
import type { JobOptions } from "./job-options.ts";

/** A wait of so much is written down, so that the next process keeps it; a shorter one is not worth a disk's sync. */
const LONG_WAIT = 5_000;
/** How long a task may take to answer whose deadline passed while nobody looked. */
const LAST_LOOK = 5_000;

/** Follows the task of a job to its end, from where it was written down. */
export async function follow<Result>(
  task: Task<Result>,
  job: JobOptions<unknown, Result>,
  record: JobRecord,
  { polling, late }: Recorded,
): Promise<Result> {
  const { clock = systemClock, deadline, onProgress } = job;
  const options: PollOptions<Result> = {
    ...job,
    onSnapshot: (snapshot) => onProgress?.({ step: "task", fraction: snapshot.progress, snapshot }),
  };
  const last = await lastSnapshot();
  await record.remove();
  if (last.state === "failed") throw new TaskFailedError(task as Task, last);
  if (last.state === "canceled") throw new TaskCanceledError(task as Task, last);
  return last.result as Result;

  async function lastSnapshot(): Promise<Snapshot<Result>> {
    const resume = resumed();
    const overdue = resume?.deadline !== undefined && resume.deadline <= clock.now();
    const seen = overdue ? await lookOnce(resume) : undefined;
    return seen ?? followed(resume);
  }

  /** The poll that was written down; of a task that may have another name by now. */
  function resumed(): PollState | undefined {
    if (!polling) return undefined;
    const { id, provider } = task;
    const state = { ...polling, id, provider };
    return late ? { ...state, deadline: deadline === undefined ? undefined : clock.now() + deadline } : state;
  }

  /** What ended while no process was there is not late. */
  async function lookOnce(state: PollState): Promise<Snapshot<Result> | undefined> {
    const resume = { ...state, deadline: clock.now() + LAST_LOOK };
    try {
      for await (const snapshot of poll(task, { ...options, cancelOnDeadline: false, resume })) {
        return isFinal(snapshot) ? snapshot : undefined;
      }
    } catch (error) {
      if (!(error instanceof PollDeadlineError)) throw error;
    }
    return undefined;
  }

  async function followed(resume: PollState | undefined): Promise<Snapshot<Result>> {
    const rounds = poll(task, { ...options, resume });
    await record.polling(rounds.toJSON());
    let last!: Snapshot<Result>;
    try {
      for await (const snapshot of rounds) {
        last = snapshot;
        const state = rounds.toJSON();
        if (!isFinal(snapshot) && (state.due ?? 0) - clock.now() >= LONG_WAIT) await record.polling(state);
      }
    } catch (error) {
      if (error instanceof PollDeadlineError) await record.late();
      throw error;
    }
    return last;
  }
}

function isFinal({ state }: Snapshot): boolean {
  return state === "succeeded" || state === "failed" || state === "canceled";
}
