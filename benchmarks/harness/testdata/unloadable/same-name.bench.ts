import type { Case, Group } from "../../case.ts";

const twin: Case = { name: "twin", mode: "in-process", bytes: 1, subject: { name: "a", run: () => ({ bytes: 1 }) } };

export const group: Group = { description: "a child process could not tell these apart", cases: [twin, twin] };
