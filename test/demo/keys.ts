/** What a key asks for. */
export type Wish =
  | { readonly kind: "plug" | "hang"; readonly machine: number }
  | { readonly kind: "pause" | "kill-leader" | "quit" };

export interface Pressed {
  readonly wish?: Wish;
  /** True after `h`: the next digit makes a machine hang. */
  readonly isHangNext: boolean;
}

const controlC = "\u0003";

/** What one key press means. Unknown keys mean nothing. @param machines how many there are */
export function press(key: string, isHangNext: boolean, machines: number): Pressed {
  const number = /^[1-9]$/.test(key) ? Number(key) : 0;
  if (number >= 1 && number <= machines) {
    return { wish: { kind: isHangNext ? "hang" : "plug", machine: number - 1 }, isHangNext: false };
  }
  switch (key.toLowerCase()) {
    case "h":
      return { isHangNext: !isHangNext };
    case "p":
      return { wish: { kind: "pause" }, isHangNext: false };
    case "l":
      return { wish: { kind: "kill-leader" }, isHangNext: false };
    case "q":
    case controlC:
      return { wish: { kind: "quit" }, isHangNext: false };
    default:
      return { isHangNext: false };
  }
}
