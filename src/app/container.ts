import type { Container } from "inversify";

/** A name for one service in the container; the type parameter ties the name to the interface. */
export type Token<T> = symbol & { readonly __type?: T };

export const token = <T>(name: string): Token<T> => Symbol.for(`aceso/${name}`) as Token<T>;

type ServicesOf<D extends readonly unknown[]> = { [K in keyof D]: D[K] extends Token<infer T> ? T : never };

/** Binds a factory whose parameters are checked against `needs` by the compiler. One instance a container. */
export function provide<T, const D extends readonly Token<unknown>[]>(
  container: Container,
  what: Token<T>,
  needs: D,
  make: (...services: ServicesOf<D>) => T,
): void {
  // The container hands over exactly the services named in `needs`, in order.
  const untyped = make as (...services: unknown[]) => T;
  container
    .bind<T>(what)
    .toResolvedValue(untyped, [...needs] as symbol[])
    .inSingletonScope();
}

/** The one instance of a service. @throws Error naming the chain when something in it is not bound */
export function resolve<T>(container: Container, what: Token<T>): T {
  return container.get<T>(what);
}
