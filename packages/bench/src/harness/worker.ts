/** Runs in a forked process: serves the methods of the module that the first argument names. */
import { pathToFileURL } from "node:url";
import type { Call, Methods, Reply } from "./fork-worker.ts";

const modulePath = process.argv[2];
if (modulePath === undefined) throw new Error("a worker needs the path of its module");
const loaded: Promise<Methods> = import(pathToFileURL(modulePath).href).then(
  (module: { methods: Methods }) => module.methods,
);

async function answer({ id, method, input }: Call): Promise<Reply> {
  try {
    const found = (await loaded)[method];
    if (found === undefined) throw new Error(`${modulePath} has no method ${method}`);
    return { id, output: await found(input as never) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on("message", (call: Call) => {
  void answer(call).then((reply) => process.send?.(reply));
});
process.on("disconnect", () => process.exit(0));
