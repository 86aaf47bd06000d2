// The emulator's own process, with digests off: says its URLs, ends with its parent.
import { startEmulator } from "@sluice/emulator";

const emulator = await startEmulator({ digests: false });
process.on("disconnect", () => process.exit());
process.send?.(emulator.urls);
