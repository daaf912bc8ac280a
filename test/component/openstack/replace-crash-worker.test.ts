import { replaceCrash } from "./replace-crash.ts";
import { workerThroughMagnum } from "./replace-run.ts";

replaceCrash(workerThroughMagnum);
