/**
 * One of Node's built-in modules, by feature and not by name of the runtime; undefined in browsers. Neither a bundler
 * nor a type-check needs to know of it.
 */
export function builtin<Module>(id: `node:${string}`): Module | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  try {
    return process?.getBuiltinModule?.(id) as Module | undefined;
  } catch {
    return undefined;
  }
}
