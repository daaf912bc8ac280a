import fc from "fast-check";
import { expect, test } from "vitest";
import { renderScreen } from "../../demo/screen.ts";
import { aPicture, nodePicture, repairingPicture } from "./a-picture.ts";

const small = { columns: 80, rows: 24, hasColor: false, isHangNext: false };
const escapeCode = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");

test("a terminal of 80 by 24 shows nodes, phase, ladder, evidence, reason, progress, news and keys", () => {
  const lines = renderScreen(repairingPicture(), small);
  expect(lines).toHaveLength(24);
  const text = lines.join("\n");
  for (const part of [
    /Aceso demo {2}1:05 {2}aceso-1 leads {2}aceso-2 follows/,
    /^4 {2}worker-1 {2}Unknown {2}17 s +off +cordon\+oos +db-0-$/m,
    /^worker-1 {2}Releasing {2}ladder \[power-cycle\] > rebuild {2}attempt 1$/m,
    /^\[#{22}\.{22}\] {2}50 % {2}15 s, about 15 s left$/m,
    /^Cordoning Fencing 6s >Releasing 1s Restoring Recovering Unfencing/m,
    /exec says of vm-worker-1: power off, at 03:04:01/,
    /its pods and volumes are being freed/,
    /Then the machine is brought back\.$/m,
    /others +worker-3: Held \(max-parallel\)/,
    /03:04:02 aceso-1 {2}worker-1 enters Releasing/,
    /1-6 .* h .* p .* l .* q quit$/m,
  ]) {
    expect(text).toMatch(part);
  }
});

test("a tall terminal also says which durations are shortened", () => {
  const lines = renderScreen(aPicture(), { ...small, columns: 120, rows: 40 });
  expect(lines.join(" ")).toMatch(/shortened \(usual\): .*silence 8s \(25s\)/);
});

test("pause, a dead replica and the key h are told in words", () => {
  const replicas = [{ name: "aceso-1", isAlive: false }];
  const lines = renderScreen(aPicture({ isPaused: true, replicas }), { ...small, isHangNext: true });
  expect(lines[0]).toMatch(/aceso-1 is down {2}PAUSED/);
  expect(lines.at(-1)).toMatch(/which machine shall hang/);
});

test("a held repair has no remaining time and a healed node all of its bar", () => {
  const waiting = { node: "worker-1", passedMs: 9_000, remainingMs: undefined, isOver: false };
  expect(renderScreen(repairingPicture({ progress: waiting }), small).join("\n")).toMatch(/- % {2}9 s, waits/);
  const over = { node: "worker-1", passedMs: 32_100, remainingMs: 0, isOver: true };
  const text = renderScreen(repairingPicture({ progress: over }), small).join("\n");
  expect(text).toMatch(/worker-1 {2}back in service after 33 s/);
  expect(text).toMatch(/\[#+\] 100 %/);
});

test("colours change no letter", () => {
  const plain = renderScreen(repairingPicture(), small);
  const colored = renderScreen(repairingPicture(), { ...small, hasColor: true });
  expect(colored.join("\n")).toMatch(escapeCode);
  expect(colored.map((line) => line.replace(escapeCode, ""))).toEqual(plain);
});

test("whatever is said and however big the terminal is, the screen fits it and holds no control characters", () => {
  const text = fc.string({ unit: "binary", maxLength: 300 });
  const picture = fc.record({ text, who: text, pods: fc.array(text, { maxLength: 20 }), count: fc.nat(60) });
  fc.assert(
    fc.property(picture, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 80 }), (it, columns, rows) => {
      const news = Array.from({ length: it.count }, () => ({ atWallMs: 0, who: it.who, text: it.text }));
      const explanation = { state: "Held" as const, sentence: it.text, next: { what: it.text } };
      const nodes = [nodePicture("a", { pods: it.pods })];
      const shown = repairingPicture({ news, explanation, nodes, others: [it.text] });
      const lines = renderScreen(shown, { columns, rows, hasColor: false, isHangNext: false });
      expect(lines).toHaveLength(rows);
      for (const line of lines) {
        expect(line.length).toBeLessThanOrEqual(columns);
        expect(line).not.toMatch(/\p{Cc}/u);
      }
    }),
    { numRuns: 300 },
  );
});
