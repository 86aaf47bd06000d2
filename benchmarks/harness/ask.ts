import type { ChildProcess } from "node:child_process";

/** Longer than any honest run of 16 GiB; a stage that never ends must not hold up the others. */
const LIMIT = 900_000;

/**
 * Sends a child process a question, or waits for its first word, and returns its next message.
 *
 * @param child One of our own entry files, which answers every message with one message.
 * @param question Left out to wait for the message that says it is ready.
 * @throws Error with what the child reported as `failed`, or how it ended instead of answering.
 */
export async function ask<Answer>(child: ChildProcess, question?: object): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const answered = (answer: Answer & { failed?: string }) =>
    answer.failed === undefined ? resolve(answer) : reject(new Error(answer.failed));
  const exited = () =>
    reject(new Error(`process ended without an answer (${child.signalCode ?? `exit code ${child.exitCode}`})`));
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${LIMIT / 60_000} minutes`));
    child.kill("SIGKILL");
  }, LIMIT);
  child.once("message", answered);
  child.once("exit", exited);
  try {
    if (child.exitCode !== null || child.signalCode !== null) exited();
    else if (question) child.send(question);
    return await promise;
  } finally {
    clearTimeout(timer);
    child.off("message", answered);
    child.off("exit", exited);
  }
}
