import { chromiumRuntime } from "./chromium-runtime.ts";
import { firefoxRuntime } from "./firefox-runtime.ts";
import { nodeRuntime } from "./node-runtime.ts";
import { npmCommandRuntime } from "./npm-command-runtime.ts";
import type { Runtime } from "./runtime.ts";
import { VERSIONS } from "./versions.ts";
import { webkitRuntime } from "./webkit-runtime.ts";
import { workerdRuntime } from "./workerd-runtime.ts";

/** Every runtime, in the order of the table. */
export const RUNTIMES: readonly Runtime[] = [
  nodeRuntime(VERSIONS.node22),
  nodeRuntime(VERSIONS.node24),
  nodeRuntime(VERSIONS.node26),
  nodeRuntime(VERSIONS.node24, {
    name: "polyfill",
    title: "Node 24, polyfilled streams",
    flags: ["--import", "web-streams-polyfill/polyfill"],
  }),
  npmCommandRuntime("deno", "Deno", VERSIONS.deno, ["run", "--allow-all", "--no-prompt"]),
  npmCommandRuntime("bun", "Bun", VERSIONS.bun, ["run"]),
  workerdRuntime(VERSIONS.workerd),
  chromiumRuntime(),
  firefoxRuntime(),
  webkitRuntime(),
];
