import { scenarios } from "./crash-cases.ts";
import { crashMatrix } from "./crash-matrix.ts";

crashMatrix(scenarios.filter((it) => /^(power cycle of a living node|soft reboot|hard reboot)$/.test(it.name)));
