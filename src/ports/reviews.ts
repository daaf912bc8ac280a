/** Somebody whose token the API server accepted. */
export interface Person {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** One thing that somebody may do or not. */
export type PersonsRight =
  | {
      readonly kind: "resource";
      readonly group: string;
      readonly resource: string;
      readonly verb: string;
      readonly name?: string;
      readonly namespace?: string;
    }
  | { readonly kind: "path"; readonly path: string; readonly verb: string };

/** The API server's word on people. All methods throw AcesoError when it cannot be asked. */
export interface Reviews {
  /** Whose token this is (TokenReview); undefined: nobody's. */
  whose(token: string, signal: AbortSignal): Promise<Person | undefined>;
  /** SubjectAccessReview. */
  may(person: Person, right: PersonsRight, signal: AbortSignal): Promise<boolean>;
}
