import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStreamReader } from "../../../src/page/event-stream.ts";

test("an event may come in any pieces, with any line ends", () => {
  const text = ["event: ward", "id: 7", 'data: {"a":1}', "", ": nothing new", "", "data: x", "data: y", "", ""];
  const wanted = [
    { name: "ward", data: '{"a":1}' },
    { name: "message", data: "x\ny" },
  ];
  fc.assert(
    fc.property(fc.constantFrom("\n", "\r\n"), fc.array(fc.nat({ max: 80 })), (lineEnd, cuts) => {
      const whole = text.join(lineEnd);
      const places = [0, ...cuts.filter((cut) => cut < whole.length).toSorted((a, b) => a - b), whole.length];
      const reader = new EventStreamReader();
      const pieces = places.slice(1).map((end, index) => whole.slice(places[index], end));
      expect(pieces.flatMap((piece) => reader.push(piece))).toEqual(wanted);
    }),
  );
});

test("an event that is not complete yet is not told", () => {
  const reader = new EventStreamReader();
  expect(reader.push("event: ward\ndata: 1\n")).toEqual([]);
  expect(reader.push("\n")).toEqual([{ name: "ward", data: "1" }]);
});
