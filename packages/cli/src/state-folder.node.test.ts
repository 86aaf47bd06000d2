import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateFolder } from "./state-folder.ts";

test.each([
  [{ XDG_STATE_HOME: "/state" }, "linux", "/state/sluice"],
  [{ XDG_STATE_HOME: "relative" }, "linux", join(homedir(), ".local/state/sluice")],
  [{}, "linux", join(homedir(), ".local/state/sluice")],
  [{}, "darwin", join(homedir(), "Library/Application Support/sluice")],
  [{ LOCALAPPDATA: "/local" }, "win32", join("/local", "sluice")],
])("stateFolder with %j on %s", (env, platform, folder) => {
  expect(stateFolder(env, platform)).toBe(folder);
});
