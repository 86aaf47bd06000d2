import type { Group } from "../harness/case.ts";
import { stageCases } from "./memory/stage-cases.ts";
import { uploadCases } from "./memory/upload-cases.ts";

/** What shows that memory is constant: each case at two sizes or more, the growth between them judged. */
export const group: Group = {
  description: "memory that does not grow with the data: every stage, a pipe of them, every kind of upload",
  cases: [...stageCases, ...uploadCases],
};
