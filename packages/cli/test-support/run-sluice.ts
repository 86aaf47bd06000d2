import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Emulator } from "@sluice/emulator";
import type { JsonLine } from "../src/index.ts";
import { packedCommand } from "./packed-command.ts";

/** What a run of the command came to. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** With `--json`. */
  readonly lines: readonly JsonLine[];
}

/** How the command is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  /** What stands before the command, such as a shell that sets a limit. */
  readonly before?: readonly string[];
  /** Called when it runs. */
  readonly onSpawn?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with all that has come on the standard error, whenever more has. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** A folder of its own, keys and addresses of an emulator, and the command in it. */
export class Desk implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "sluice-cli-"));
  readonly #env: NodeJS.ProcessEnv;

  constructor(emulator: Emulator) {
    const { PATH, HOME, TMPDIR } = process.env;
    const { urls } = emulator;
    this.#env = {
      PATH,
      HOME,
      TMPDIR,
      XDG_STATE_HOME: join(this.folder, "state"),
      OPENAI_API_KEY: "key-planted-for-openai",
      OPENAI_BASE_URL: urls.openai,
      REPLICATE_API_TOKEN: "key-planted-for-replicate",
      REPLICATE_BASE_URL: urls.replicate,
      ONEAI_API_KEY: "key-planted-for-oneai",
      ONEAI_BASE_URL: urls.oneai,
      KIE_API_KEY: "key-planted-for-kie",
      KIE_API_BASE_URL: urls.kie,
      KIE_UPLOAD_BASE_URL: urls.kie,
    };
  }

  /** Runs the packed command. */
  async sluice(
    args: readonly string[],
    { env, stdin, before = [], onSpawn, onStderr }: RunOptions = {},
  ): Promise<Ended> {
    const [program = "", ...rest] = [...before, packedCommand(), ...args];
    const child = spawn(program, rest, { cwd: this.folder, env: { ...this.#env, ...env } });
    onSpawn?.((signal) => child.kill(signal));
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      onStderr?.(stderr, (signal) => child.kill(signal));
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    const [code] = (await once(child, "close")) as [number | null];
    const lines = args.includes("--json")
      ? stdout
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line))
      : [];
    return { code, stdout, stderr, lines };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
