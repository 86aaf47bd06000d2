import type { Reference, Sendable } from "@sluice/http/provider";
import type { StepContext } from "@sluice/job";
import type { Task } from "@sluice/poller";
import type { ByteSource } from "@sluice/source";
import type { Journal, Memory, PartTarget, Progress, Throttle, UploadEvent } from "@sluice/uploader";

/** An option of `sluice send` that one provider knows. */
interface ProviderOption {
  /** As commander has them: `--purpose <name>`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  /** Whether the text is a span of time, such as `30d`; it is handed on in milliseconds. */
  readonly duration?: boolean;
}

/** Values of a provider's own options, by their name in camel case. */
export type ProviderValues = Readonly<Record<string, string | number>>;

/** How one file is sent, whatever the provider. */
export interface Transfer {
  /** What the file is to be called; of files and standard input the source has it, too. */
  readonly name: string | undefined;
  readonly type: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onEvent: (event: { readonly type: string; readonly message?: string } | UploadEvent) => void;
  readonly memory: Memory | undefined;
  readonly bandwidth: Throttle | undefined;
  readonly concurrency: number | undefined;
  readonly partSize: number | undefined;
  /** Where it is written down to be resumed, and what it is called there. */
  readonly journal: Journal | undefined;
  readonly key: string | undefined;
  /** A folder for a copy of what has no size. */
  readonly spool: string;
}

/** A step of a pipeline. */
export interface Step {
  readonly skill: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** What is to be run. Its files are opened when they are asked for: a run that is taken up may not need them any more. */
export interface RunRequest {
  readonly model: string;
  readonly steps: readonly Step[];
  /** What a pipeline is run on. */
  content(): string | ByteSource | URL;
  readonly contentType: string | undefined;
  /** What a model is run on. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Files in the input, by its member; in a list where it ends in `[]`. */
  files(): { readonly member: string; readonly content: ByteSource | URL }[];
  /** Told how far one of these is. */
  onProgress(content: unknown, progress: Progress): void;
}

/** A run as `runJob` takes it. What `send` and `start` resolve to is plain JSON. */
export interface RunSteps {
  send(context: StepContext): Promise<unknown>;
  /** Left out where sending starts the task. */
  start?(sent: unknown, context: StepContext): Promise<unknown>;
  task(started: unknown): Task<unknown>;
}

/** A provider with its key and its connections. */
export interface ProviderHandle extends AsyncDisposable {
  send(input: Sendable, values: ProviderValues, transfer: Transfer): Promise<Reference>;
  /** A run of a model or a pipeline, whose result is plain JSON. */
  job?(request: RunRequest): RunSteps;
  task?(id: string): Task<unknown>;
  /** Where uploads that were left behind can be cancelled. */
  readonly targets?: readonly Pick<PartTarget<never, unknown, unknown>, "name" | "cancel" | "inspect">[];
}

/** What the command knows of a provider before anything of it is loaded. */
export interface ProviderEntry {
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** The environment's variable with the key, and where people get one. */
  readonly variable: string;
  readonly page: string;
  readonly baseUrlVariable: string;
  /** Where people see their tasks. */
  readonly tasksPage?: string;
  /** Whether a task can be cancelled. */
  readonly cancels?: boolean;
  /** Whether files go in parts, so that an interrupted upload can be gone on with. */
  readonly parts: boolean;
  /** Whether it takes no files without a byte. */
  readonly refusesEmpty?: boolean;
  /** What `sluice run` needs: a model and its input, or the steps of a pipeline. */
  readonly runs?: "model" | "pipeline";
  readonly options: readonly ProviderOption[];
  open(settings: { readonly baseUrl: string | undefined }): Promise<ProviderHandle>;
}
