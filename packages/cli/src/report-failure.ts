import { type Explanation, explainError, type Where } from "./explain-error.ts";
import type { Output } from "./output.ts";

/** Says what went wrong, and what to do; the stack only with `--verbose`. */
export function reportFailure(
  output: Output,
  error: unknown,
  {
    input,
    resume,
    ...where
  }: Where & { readonly input?: string | undefined; readonly resume?: string | undefined } = {},
): Explanation {
  const explained = explainError(error, where);
  const { message, code, status } = explained;
  const hint = resume === undefined ? explained.hint : `What has arrived is kept: sluice resume ${resume}`;
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
