import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where the command keeps what must outlive it: the platform's own folder for state. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  // A relative one is to be ignored, says the XDG specification.
  const xdg = env["XDG_STATE_HOME"];
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "sluice");
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "sluice");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "sluice");
  return join(homedir(), ".local", "state", "sluice");
}
