/** The `omnibus` command: what `npm start` and the binary run. */
import { enableCompileCache } from "node:module";
import { keepYoungHeapSmall } from "omnibus/server/young-heap";
import { compileCacheFolder } from "./compile-cache-folder.ts";

// Before anything else is loaded, because loading enlarges it.
if (process.argv[2] === "serve") keepYoungHeapSmall();
// Likewise: it halves the time of a warm start.
enableCompileCache(compileCacheFolder(process.env, process.platform));
const { runProgram } = await import("./run-program.ts");
await runProgram(process.argv.slice(2));
