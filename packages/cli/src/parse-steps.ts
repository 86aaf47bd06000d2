import { readFileSync } from "node:fs";
import { UsageError } from "./command-error.ts";
import type { Step } from "./providers/provider-entry.ts";

/**
 * A step as it is written on a command line: `transcribe:speaker_detection=true,engine=whisper`.
 *
 * @throws {UsageError} for what is none.
 */
export function parseStep(text: string): Step {
  const [skill = "", ...rest] = text.split(":");
  if (!/^[\w-]+$/.test(skill)) {
    throw new UsageError(`"${text}" is no skill.`, "Write its name, as in --skill transcribe:speaker_detection=true.");
  }
  const params = rest
    .join(":")
    .split(",")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new UsageError(`"${pair}" is no parameter of ${skill}.`, "Write name=value.");
      return [pair.slice(0, at), scalarOf(pair.slice(at + 1))] as const;
    });
  return { skill, params: Object.fromEntries(params) };
}

/**
 * Steps from a file of JSON: a list of skills, each a name or `{ "skill": …, "params": … }`.
 *
 * @throws {UsageError} for a file that is not there, or holds something else.
 */
export function readSteps(path: string): Step[] {
  const hint = 'It holds a list such as ["transcribe", { "skill": "summarize", "params": { "min_length": 5 } }].';
  let steps: unknown;
  try {
    steps = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`The steps in ${JSON.stringify(path)} cannot be read: ${(error as Error).message}.`, hint);
  }
  const list = Array.isArray(steps) ? steps : [steps];
  return list.map((step: unknown, index) => {
    if (typeof step === "string") return { skill: step, params: {} };
    const { skill, params = {} } = Object(step) as { skill?: unknown; params?: unknown };
    if (typeof skill === "string" && typeof params === "object" && params !== null) {
      return { skill, params: params as Step["params"] };
    }
    throw new UsageError(`Step ${index + 1} in ${JSON.stringify(path)} is none.`, hint);
  });
}

/** Numbers and truth values are what they look like; anything else is a text. */
function scalarOf(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
