// The discarding server's own process: says its URL, answers every message with its totals, ends with its parent.
import { cpuUsage } from "node:process";
import { startDiscardingServer } from "./discarding-server.ts";

const server = await startDiscardingServer();
process.on("message", () => {
  const { user, system } = cpuUsage();
  process.send?.({ ...server.counts(), cpu: (user + system) / 1000 });
});
process.on("disconnect", () => process.exit());
process.send?.({ url: server.url });
