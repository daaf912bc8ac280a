import { scenarios } from "./crash-cases.ts";
import { crashMatrix } from "./crash-matrix.ts";

crashMatrix(scenarios.filter((it) => /^(rebuild|replace)$/.test(it.name)));
