import { replaceCrash } from "./replace-crash.ts";
import { masterThroughHeat } from "./replace-run.ts";

replaceCrash(masterThroughHeat);
