export { type AcceptOptions, checkAccepted, NotAcceptedError } from "./accept.ts";
export { type ApiKey, type KeyPlace, keyOf } from "./api-key.ts";
export { type BaseUrlPlace, baseUrlOf, isLoopback } from "./base-url.ts";
export { environment } from "./environment.ts";
export { labelOf } from "./label.ts";
export { isNear } from "./near-address.ts";
export type { Method, Provider, Reference } from "./provider.ts";
export { isSendable, type OpenedSource, openSendable, type Sendable } from "./sendable.ts";
export { SoftError, type SoftFailure } from "./soft-error.ts";
