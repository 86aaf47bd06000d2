import { type Explanation, explainError, type Where } from "./explain-error.ts";
import type { Output } from "./output.ts";

/** What is known besides the error. */
interface Advice {
  readonly input?: string | undefined;
  /** What `sluice resume` takes. */
  readonly resume?: string | undefined;
  /** What to do, where that is not what is done about such an error in general. */
  readonly hint?: string | undefined;
}

/** Says what went wrong, and what to do; the stack only with `--verbose`. */
export function reportFailure(
  output: Output,
  error: unknown,
  { input, resume, hint: advice, ...where }: Where & Advice = {},
): Explanation {
  const explained = explainError(error, where);
  const { message, code, status } = explained;
  const kept = resume === undefined ? undefined : `What has arrived is kept: sluice resume ${resume}`;
  const hint = advice ?? kept ?? explained.hint;
  output.error(`sluice: ${message}`);
  if (hint !== undefined) output.error(`        ${hint}`);
  if (error instanceof Error && error.stack) output.detail(error.stack);
  output.machine({
    type: "failed",
    ...(input !== undefined && { input }),
    ...(code !== undefined && { code }),
    ...(status !== undefined && { status }),
    message,
    ...(hint !== undefined && { hint }),
    ...(resume !== undefined && { resume }),
  });
  return explained;
}
