import { scenarios } from "./crash-cases.ts";
import { crashMatrix } from "./crash-matrix.ts";

crashMatrix(scenarios.filter((it) => it.replacing !== undefined));
