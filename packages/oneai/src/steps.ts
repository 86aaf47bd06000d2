/** One step of a pipeline: a skill's API name, or that with its parameters. */
export type Step = string | { readonly skill: string; readonly params?: Readonly<Record<string, unknown>> | undefined };

/** A step as it goes over the wire. */
export interface WireStep {
  readonly skill: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * The steps of a pipeline, as they go over the wire.
 *
 * @throws {TypeError} when one is no step. {RangeError} when there is none.
 */
export function wireSteps(action: string, steps: Step | readonly Step[]): WireStep[] {
  const list: readonly unknown[] = Array.isArray(steps) ? steps : [steps];
  if (list.length === 0) throw new RangeError(`Cannot ${action}: "steps" must not be empty`);
  return list.map((step, index) => {
    const { skill, params = {} } = (typeof step === "string" ? { skill: step } : Object(step)) as Partial<WireStep>;
    const at = Array.isArray(steps) ? `steps[${index}]` : "steps";
    if (typeof skill !== "string" || skill === "") {
      throw new TypeError(
        `Cannot ${action}: "${at}" must be a skill's name or { skill, params }, received ${kindOf(step)}`,
      );
    }
    if (typeof params !== "object" || params === null || Array.isArray(params)) {
      throw new TypeError(`Cannot ${action}: "${at}.params" must be an object, received ${kindOf(params)}`);
    }
    return { skill, params };
  });
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === "") return "an empty string";
  return Array.isArray(value) ? "an array" : typeof value;
}
