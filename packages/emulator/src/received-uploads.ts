import type { ProviderName } from "./provider.ts";

/** An upload in parts, as the emulator holds it. */
export interface ReceivedUpload {
  readonly id: string;
  readonly provider: ProviderName;
  readonly name: string;
  readonly status: "pending" | "completed" | "cancelled" | "expired";
  /** The size that was announced. */
  readonly size: number;
  /** In order of arrival; what a retry sent twice is there twice. */
  readonly parts: readonly { readonly id: string; readonly size: number }[];
  /** The file that it became. */
  readonly fileId: string | undefined;
}

/** Looks into uploads, which OpenAI has no call to read. */
export interface ReceivedUploads {
  get(id: string): ReceivedUpload | undefined;
  /** In order of creation. */
  list(): ReceivedUpload[];
}
