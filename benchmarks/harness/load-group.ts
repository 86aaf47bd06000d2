import type { Group } from "./case.ts";

/**
 * Imports a group's module.
 *
 * @param module Its URL.
 * @param only Takes the cases whose names hold this text.
 * @throws TypeError if it exports no `group`, or two of its cases have one name.
 */
export async function loadGroup(module: string, only = ""): Promise<Group> {
  const { group } = (await import(module)) as { group?: Group };
  if (!group) throw new TypeError(`${module} must export "group", a Group`);
  const names = group.cases.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`two cases are named ${JSON.stringify(twice)}`);
  return { ...group, cases: group.cases.filter(({ name }) => name.includes(only)) };
}
