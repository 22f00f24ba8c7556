import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import test from "node:test";
import { findFiles } from "./find-files.ts";
import { roomOf } from "./layer-table.ts";

const SOURCE = join(resolve(import.meta.dirname, "../.."), "packages/omnibus/src");

test("every room has a README of at most 30 lines, which names no file that is not there", () => {
  const files = findFiles(SOURCE, "", /\.ts$/);
  const rooms = new Set(files.map(roomOf).filter((room) => !room.endsWith(".ts")));
  for (const room of rooms) {
    const path = join(SOURCE, room, "README.md");
    assert.ok(existsSync(path), `${room} has no README.md`);
    const text = readFileSync(path, "utf8");
    assert.ok(text.trimEnd().split("\n").length <= 30, `${room}/README.md is too long`);
    for (const [, name = ""] of text.matchAll(/`([\w/.-]+\.ts)`/g)) {
      const isThere = files.some(
        (file) => file.startsWith(`${room}/`) && file.endsWith(`/${name}`),
      );
      assert.ok(isThere, `${room}/README.md names ${name}, which is not there`);
    }
  }
});

test("no source file of a room is missing in its README", () => {
  const files = findFiles(SOURCE, "", /(?<!\.test)\.ts$/);
  const missing = files.filter((file) => {
    const name = basename(file);
    const room = roomOf(file);
    if (name === "index.ts" || room.endsWith(".ts")) return false;
    const text = readFileSync(join(SOURCE, room, "README.md"), "utf8");
    const named = [...text.matchAll(/`(?:[\w.-]+\/)*([\w.-]+\.ts)`/g)].map(([, one]) => one);
    return !named.includes(name);
  });
  assert.deepEqual(missing, []);
});
