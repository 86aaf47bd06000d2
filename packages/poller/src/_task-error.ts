import type { Task } from "./task.ts";

/** What the errors about a task have in common. */
export abstract class TaskError extends Error {
  declare readonly id: string;
  declare readonly provider: string | undefined;
  readonly retryable: boolean = false;

  constructor(task: Task, happened: string, options?: ErrorOptions) {
    super(`${nameOf(task)} ${happened}`, options);
    this.id = task.id;
    this.provider = task.provider;
  }
}

/** The task as a message names it. */
export function nameOf({ id, provider }: Pick<Task, "id" | "provider">): string {
  return `Task "${id}"${provider ? ` of ${provider}` : ""}`;
}
