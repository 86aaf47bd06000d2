import type { Group } from "../harness/case.ts";
import { base64Cases } from "./stages/base64-cases.ts";
import { chunkerCases } from "./stages/chunker-cases.ts";
import { hashCases } from "./stages/hash-cases.ts";

/** Codecs against bare loops, and the stages made of them as whole pipes. A package's cases are a file in `stages/`. */
export const group: Group = {
  description: "stages: codecs beside bare loops, and whole pipes beside what people use",
  cases: [...chunkerCases, ...base64Cases, ...hashCases],
};
