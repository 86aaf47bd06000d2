import { CommandError } from "./command-error.ts";
import { EXIT } from "./exit-code.ts";
import type { ProviderEntry } from "./providers/provider-entry.ts";
import { stateFolder } from "./state-folder.ts";

/** A failure in words for people. */
export interface Explanation {
  readonly message: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly code: string | undefined;
  readonly status: number | undefined;
}

/** What is known of where an error comes from. */
export interface Where {
  readonly provider?: ProviderEntry | undefined;
}

/** Says what happened in one sentence, and what to do in another. */
export function explainError(error: unknown, { provider }: Where = {}): Explanation {
  const { code, status } = Object(error) as { code?: unknown; status?: unknown };
  const known = {
    code: typeof code === "string" ? code : undefined,
    status: typeof status === "number" ? status : undefined,
  };
  if (error instanceof CommandError) {
    return { message: error.message, hint: error.hint, exitCode: error.exitCode, ...known };
  }
  const message = wordsOf(error, known, provider);
  const hint = hintOf(known.code, known.status, error, provider) ?? fallback(error);
  if (known.code === "interrupted")
    return { message: "Stopped.", hint: undefined, exitCode: EXIT.interrupted, ...known };
  const exitCode = optionIn(error) === undefined ? EXIT.failed : EXIT.usage;
  return { message: sentence(message), hint, exitCode, ...known };
}

/** What happened, where the library's own words are for those who write programs. */
function wordsOf(
  error: unknown,
  { code, status }: Pick<Explanation, "code" | "status">,
  provider?: ProviderEntry,
): string {
  const { reached, url, cause } = Object(error) as { reached?: unknown; url?: unknown; cause?: unknown };
  if (code === "locked") {
    const { pid } = Object((error as { holder?: unknown }).holder) as { pid?: unknown };
    return `The same is under way already${pid === undefined ? "" : `, in process ${pid}`}`;
  }
  if (code === "start-unknown") {
    const why = Object(cause).message ?? "an earlier run set about it, and did not come to know";
    return `It cannot be known whether the task was started: ${why}`;
  }
  if (code === "not-recorded") return "The task was started, and the journal did not take that";
  if (provider && status === 401) return `${provider.title} refuses the key (HTTP 401)`;
  if (provider && code === "http" && status === undefined && reached === false) {
    const host = URL.parse(String(url))?.host ?? "its address";
    const why = Object(cause).code ?? Object(cause).message;
    return `${provider.title} cannot be reached at ${host}${why === undefined ? "" : ` (${why})`}`;
  }
  return error instanceof Error ? error.message : String(error);
}

function hintOf(
  code: string | undefined,
  status: number | undefined,
  error: unknown,
  provider: ProviderEntry | undefined,
): string | undefined {
  const { path } = Object(error) as { path?: unknown };
  if (typeof path === "string" && path.startsWith(stateFolder())) {
    return "Set XDG_STATE_HOME to a folder with room that can be written to, or give up resuming with --no-resume.";
  }
  if (provider && (status === 401 || status === 403)) {
    return `Check ${provider.variable}; ${provider.title}'s keys are at ${provider.page}`;
  }
  if (provider === undefined && status !== undefined && status >= 400 && status < 500) {
    return "Check the address, and whether it has expired.";
  }
  if (status === 402) return "Check the account's balance.";
  if (status === 404) return "Check the id or the address, and whose key is used.";
  if (status === 429) return "Too many requests or too little quota: wait, or lower --concurrency.";
  if (status !== undefined && status >= 500) return "The service is in trouble: try again later.";
  if (status !== undefined && status >= 400) return "The provider refuses it: change what the message names.";
  if (code === "http") {
    return Object(error).reached === false || provider === undefined
      ? "Check the network and the address, then run the same command again."
      : "Whether it arrived is not known: look for it there before sending it again.";
  }
  return code === undefined ? undefined : HINTS[code];
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: "Check the path.",
  EISDIR: "Name the files in it, such as folder/*.mp4.",
  EACCES: "Check who may read it with ls -l.",
  EPERM: "Check who may use it with ls -l.",
  ENOSPC: "Make room on that disk, or choose another one.",
  EROFS: "Choose a folder that can be written to.",
  ENOTDIR: "Check the path: one of its folders is a file.",
  EEXIST: "Choose another name with -o, or add --force to replace it.",
  EADDRINUSE: "Choose another port with --port.",
  "bad-reply": "Check --base-url, and any proxy in between.",
  stalled: "Check the network, then run the same command again.",
  locked: "Wait for it, or stop it.",
  "needs-steps": "Run it instead: sluice run <file> --to oneai --skill <name>.",
  "digest-mismatch": "The bytes are not those that were expected: get them again, and check the digest.",
  "source-changed": "Run the same command again when nothing writes to it any more.",
  "size-mismatch": "Run the same command again.",
  "completion-unknown": "Look for the file at the provider before sending it again.",
  expired: "Run the same command again; it starts over.",
  "too-large": "Send a smaller file, or its address.",
  "task-failed": "Check the model's input.",
  "task-canceled": "Run it again if that was not meant.",
  deadline: "Give it more time with --deadline.",
};

function fallback(error: unknown): string {
  const option = optionIn(error);
  if (option !== undefined) return `Here that is ${option}.`;
  if (error instanceof RangeError || error instanceof TypeError) return "See sluice help for what can be given.";
  return "Add --verbose to see more.";
}

/** The option of the command line that a library's refusal is about. */
function optionIn(error: unknown): string | undefined {
  if (!(error instanceof RangeError || error instanceof TypeError)) return undefined;
  return Object.entries(OPTIONS).find(([name]) => error.message.includes(`"${name}"`))?.[1];
}

const OPTIONS: Readonly<Record<string, string>> = {
  partSize: "--part-size",
  memory: "--memory",
  contentType: "--content-type",
  method: "--method",
  uploadPath: "--upload-path",
  fileName: "--file-name",
  purpose: "--purpose",
  port: "--port",
  host: "--host",
};

function sentence(text: string): string {
  return /[.!?…]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`;
}
