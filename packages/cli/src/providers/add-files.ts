/** The input with files at their members; `images[]` is a list that the file is added to. */
export function addFiles(
  input: Readonly<Record<string, unknown>>,
  files: readonly { readonly member: string; readonly content: unknown }[],
): Record<string, unknown> {
  const all: Record<string, unknown> = { ...input };
  for (const { member, content } of files) {
    const list = member.endsWith("[]") ? member.slice(0, -2) : undefined;
    if (list === undefined) all[member] = content;
    else all[list] = [...(Array.isArray(all[list]) ? all[list] : []), content];
  }
  return all;
}
