import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const SLUICE = join(import.meta.dirname, "..", "..", "packages", "cli", "bin", "sluice.js");

/** A line of `sluice --json`. */
export type Line = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Where and how it is run. */
export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether nothing of it is shown. */
  readonly quiet?: boolean;
}

/** A run of the command line. */
export class Command {
  readonly child: ChildProcess;
  readonly lines: Line[] = [];
  readonly #ended: Promise<number | null>;
  readonly #first: Promise<Line>;

  constructor(args: readonly string[], { cwd, env, quiet = false }: CommandOptions) {
    if (!quiet) process.stderr.write(`$ sluice ${args.join(" ")}\n`);
    // Its bars are drawn by the command itself, where there is a terminal.
    this.child = spawn(process.execPath, [SLUICE, ...args, "--json"], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", quiet ? "ignore" : "inherit"],
    });
    const first = Promise.withResolvers<Line>();
    this.#first = first.promise;
    const reader = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    reader.on("line", (text) => {
      const line = JSON.parse(text) as Line;
      this.lines.push(line);
      first.resolve(line);
    });
    this.#ended = once(this.child, "close").then(([code]) => code as number | null);
  }

  /** Its first line; rejects when it ends without one. */
  first(): Promise<Line> {
    const none = this.#ended.then((code) => Promise.reject(new Error(`sluice ended with ${code} and said nothing`)));
    none.catch(() => {});
    return Promise.race([this.#first, none]);
  }

  /** Waits for its end. @throws when that is not the one that is expected. */
  async end(expected: number | null = 0): Promise<readonly Line[]> {
    const code = await this.#ended;
    if (code !== expected)
      throw new Error(`sluice ended with ${code}, expected ${expected}: ${JSON.stringify(this.lines)}`);
    return this.lines;
  }

  /** The line of a type. @throws when there is none. */
  line(type: string): Line {
    const found = this.lines.find((line) => line.type === type);
    if (!found) throw new Error(`sluice printed no line "${type}": ${JSON.stringify(this.lines)}`);
    return found;
  }
}
