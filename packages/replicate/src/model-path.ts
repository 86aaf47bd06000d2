/** Where a prediction of a model is created, and the version that the body has to name. */
export interface ModelPath {
  readonly path: string;
  readonly version: string | undefined;
}

const HASH = /^[0-9a-f]{64}$/;

/**
 * Reads what names a model: `owner/name`, `owner/name:version`, a version alone, or `deployments/owner/name`.
 *
 * @throws {TypeError} for anything else.
 */
export function modelPath(model: string): ModelPath {
  const [, deployment] = /^deployments\/([^/:\s]+\/[^/:\s]+)$/.exec(model) ?? [];
  if (deployment !== undefined) return { path: `/deployments/${escaped(deployment)}/predictions`, version: undefined };
  const [, name, version] = /^([^/:\s]+\/[^/:\s]+)(?::(\S+))?$/.exec(model) ?? [];
  if (name !== undefined && version === undefined) return { path: `/models/${escaped(name)}/predictions`, version };
  if (version !== undefined || HASH.test(model)) return { path: "/predictions", version: version ?? model };
  throw new TypeError(
    `Cannot create a prediction: "model" must be "owner/name", "owner/name:version", a version or "deployments/owner/name", received ${JSON.stringify(model)}`,
  );
}

function escaped(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}
