/** Why an action is not accepted; the API dresses it in its own form. */
export class Objection extends Error {
  readonly code: 400 | 403 | 404 | 409;

  constructor(code: 400 | 403 | 404 | 409, message: string) {
    super(message);
    this.code = code;
  }
}
