import { within } from "@sluice/retry";
import { checkJson } from "./check-json.ts";
import type { Undertaking } from "./undertaking.ts";

/** An upload that is open at the target. */
export interface OpenUpload<Session, Receipt> {
  readonly session: Session;
  readonly createdAt: number;
  readonly partSize: number | undefined;
  /** Of what is at the target already, by the part's index. */
  readonly receipts: Map<number, Receipt>;
  readonly resumed: boolean;
}

/** Takes up the upload that is written down, where it can be; else creates one. */
export async function openUpload<Session, Receipt, Result>(
  undertaking: Undertaking<Session, Receipt, Result>,
): Promise<OpenUpload<Session, Receipt> | { readonly result: Result }> {
  return (await undertaking.record?.resume(undertaking)) ?? createUpload(undertaking);
}

async function createUpload<Session, Receipt, Result>({
  source,
  file,
  target,
  partSize,
  settings,
  record,
  signal,
  cancel,
}: Undertaking<Session, Receipt, Result>): Promise<OpenUpload<Session, Receipt>> {
  const creating = (async () => target.create(file, { signal, attempt: 1, sent: () => {} }))();
  const session = await within(() => creating, { signal }).catch((reason: unknown) => {
    // One that comes too late is nobody's, and would stay.
    if (signal.aborted) creating.then(cancel).catch(() => {});
    throw reason;
  });
  const createdAt = settings.clock.now();
  try {
    checkJson(session, "session");
    const { fingerprint } = source;
    const { name, size } = file;
    await record?.begin({ target: target.name, name, size, fingerprint, partSize, createdAt, session });
  } catch (error) {
    await cancel(session).catch(() => {});
    throw error;
  }
  return { session, createdAt, partSize, receipts: new Map(), resumed: false };
}
