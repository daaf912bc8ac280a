import { expect, test } from "vitest";
import { formatDuration, parseDuration } from "../../../src/util/duration.ts";

// Values of Go's own test table of time.ParseDuration, in milliseconds.
test.each([
  ["0", 0],
  ["5s", 5_000],
  ["30s", 30_000],
  ["1478s", 1_478_000],
  ["-5s", -5_000],
  ["+5s", 5_000],
  ["-0", 0],
  ["+0", 0],
  ["5.0s", 5_000],
  ["5.6s", 5_600],
  ["5.s", 5_000],
  [".5s", 500],
  ["1.0s", 1_000],
  ["1.004s", 1_004],
  ["100.00100s", 100_001],
  ["10ns", 0.00001],
  ["11us", 0.011],
  ["12µs", 0.012],
  ["12μs", 0.012],
  ["13ms", 13],
  ["3h30m", 12_600_000],
  ["10.5s4m", 250_500],
  ["-2m3.4s", -123_400],
  ["1h2m3s4ms5us6ns", 3_723_004.005006],
  ["1h2m3.5s", 3_723_500],
])("reads %s as Go does", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  "",
  "3",
  "-",
  "s",
  ".",
  "-.",
  ".s",
  "+.s",
  "1d",
  "5 minutes",
  "1h 2m",
  " 5s",
  "5S",
  "1e3s",
  "30s;",
  "s30",
  "--5s",
  "2562048h",
  "9223372036854775808ns",
  "9".repeat(5_000),
  `${"9".repeat(60)}h`,
])("does not take %j for a duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test.each([
  [0, "0s"],
  [300, "300ms"],
  [0.012, "12µs"],
  [0.0015, "1.5µs"],
  [0.00001, "10ns"],
  [1.5, "1.5ms"],
  [1_000, "1s"],
  [60_000, "1m"],
  [61_500, "1m1.5s"],
  [300_000, "5m"],
  [3_600_000, "1h"],
  [86_400_000, "24h"],
  [5_400_000, "1h30m"],
  [3_601_000, "1h1s"],
  [-5_000, "-5s"],
])("writes %d ms as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
