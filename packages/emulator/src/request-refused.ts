/** What is wrong with a request, in words that no provider owns; each provider puts it into its own shape. */
export class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly status: number;
  /** The field at fault, where there is one. */
  readonly field: string | undefined;

  constructor(status: number, message: string, field?: string) {
    super(message);
    this.status = status;
    this.field = field;
  }
}
