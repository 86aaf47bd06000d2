import { isLoopback } from "@sluice/http/provider";

/** Whether an address means something on this machine, or in this network, alone. */
export function isNear(url: URL): boolean {
  const { hostname } = url;
  return (
    isLoopback(url) ||
    !/[.:]/.test(hostname) ||
    (/^[\d.]+$/.test(hostname) && /^(10\.|127\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|0\.)/.test(hostname)) ||
    /\.(local|internal|lan|home\.arpa)$/.test(hostname) ||
    /^\[(::1?|f[cd]|fe[89ab])/.test(hostname)
  );
}
