// The parts of undici that a client without a proxy needs. All of undici (fetch, WebSocket, caches …) takes 29 MiB and
// 80 ms to load, these 15 MiB: an eighth of what a whole upload needs. undici has no map of exports, and is pinned here.

declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  export = Agent;
}

declare module "undici/lib/core/connect.js" {
  import { buildConnector } from "undici";
  export = buildConnector;
}
