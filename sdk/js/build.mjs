// From src/plugin.ts to a component. `roro plugin build` runs it in the project's folder:
//
//   node roro-sdk/build.mjs WIT-FOLDER WORLD TYPES-FOLDER COMPONENT
//
// Exit codes: 0 the component is there; 1 the sources are wrong, and what is wrong with them was said.

import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { componentize } from "@bytecodealliance/componentize-js";
import { build } from "esbuild";

const [wit, world, types, component] = process.argv.slice(2);
const bundle = join(dirname(component), "plugin.js");

/** Says on standard error how far we are. */
function say(step) {
  process.stderr.write(`    ${step}\n`);
}

/** Runs a tool of node_modules; ends with 1 when it fails. What it says when all is well is of no interest. */
function tool(name, ...args) {
  const ran = spawnSync(join("node_modules", ".bin", name), args, { encoding: "utf8" });
  if (ran.status !== 0) {
    process.stderr.write(`${ran.stdout ?? ""}${ran.stderr ?? ""}${ran.error ?? ""}`);
    process.exit(1);
  }
}

say("making the types of the contract");
rmSync(types, { recursive: true, force: true });
tool("jco", "guest-types", wit, "--world-name", world, "--out-dir", types);

say("checking the types");
tool("tsc", "--noEmit", "--project", ".");

say("making the component");
try {
  await build({
    entryPoints: ["src/plugin.ts"],
    outfile: bundle,
    bundle: true,
    format: "esm",
    target: "es2022",
    // Interfaces of the contract come from the host.
    external: ["roro:*"],
    logLevel: "error",
  });
} catch {
  // esbuild has said it.
  process.exit(1);
}
try {
  const made = await componentize({
    sourcePath: bundle,
    witPath: wit,
    worldName: world,
    // Nothing of the machine: what a plugin may know comes through the contract.
    disableFeatures: ["random", "stdio", "clocks", "http", "fetch-event"],
  });
  mkdirSync(dirname(component), { recursive: true });
  writeFileSync(component, made.component);
} catch (error) {
  // The top level of the plugin's modules has run by now: that it throws is an author's mistake as well.
  process.stderr.write(`${error.message ?? error}\n`);
  process.exit(1);
}
