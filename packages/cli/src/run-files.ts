import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { ByteSource } from "@sluice/source";
import { CommandError } from "./command-error.ts";
import { type Input, openInput } from "./open-input.ts";
import type { PlannedFile } from "./run-plan.ts";

/** The files of a run, each opened once, when it is needed. */
export class RunFiles implements AsyncDisposable {
  readonly #inputs = new Map<string, Input>();
  /** Set where something cannot be looked at again. */
  once: string | undefined;

  /**
   * Opens what was named on the command line, and says how it is written down.
   *
   * @throws {Error} as `openInput` does.
   */
  plan(given: string, name?: string): PlannedFile {
    const input = openInput(given, { name });
    const { content } = input;
    const path = given === "-" || content instanceof URL ? given : resolve(given);
    this.#inputs.get(path)?.close();
    this.#inputs.set(path, input);
    if (content instanceof URL) return { given: path };
    if (!content.replayable) this.once ??= randomUUID();
    return { given: path, ...(content.fingerprint !== undefined && { fingerprint: content.fingerprint }) };
  }

  /**
   * What was planned, by this command line or by an earlier one.
   *
   * @throws {CommandError} when it is not what it was then.
   */
  open({ given, fingerprint }: PlannedFile, name?: string): ByteSource | URL {
    const known = this.#inputs.get(given);
    if (known) return known.content;
    if (given === "-") {
      throw new CommandError("The input came by a pipe, and is gone.", "Run the command again, with its input.");
    }
    const input = openInput(given, { name });
    this.#inputs.set(given, input);
    if (!(input.content instanceof URL) && input.content.fingerprint !== fingerprint) {
      throw new CommandError(
        `"${given}" is not what it was when the run was begun.`,
        "Run the command again: that is another run.",
      );
    }
    return input.content;
  }

  /** What to call it in messages. */
  labelOf(content: unknown): string {
    for (const input of this.#inputs.values()) if (input.content === content) return input.label;
    return "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#inputs.values()].map((input) => input.close()));
  }
}
