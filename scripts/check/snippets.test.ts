import assert from "node:assert/strict";
import { copyFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "node:test";
import { plantTree } from "./planted-tree.ts";
import { checkSnippets, findSnippets } from "./snippets.ts";

const ROOT = resolve(import.meta.dirname, "../..");

test("a snippet that does not compile is found, with its document and line", () => {
  const good = `import { topic } from "omnibus";\nbus.publish(topic<number>("a"), 1);`;
  const bad = `bus.publish("a", 1);\nbus.shout("a");\nconst text: string = 1;`;
  using tree = plantTree({
    "README.md": `# Title\n\n\`\`\`ts\n${good}\n\`\`\`\n\ntext\n\n\`\`\`ts\n${bad}\n\`\`\`\n`,
    "docs/guide/a.md": `\`\`\`sh\nbus.shout\n\`\`\`\n\n\`\`\`ts\nimport { nothing } from "omnibus";\n\`\`\`\n`,
    "packages/a/src/b/README.md": '```ts\nimport {} from "omnibus/nowhere";\n```\n',
  });
  copyFileSync(join(ROOT, "tsconfig.base.json"), join(tree.root, "tsconfig.base.json"));
  symlinkSync(join(ROOT, "node_modules"), join(tree.root, "node_modules"), "junction");
  const { findings, summary } = checkSnippets(tree.root);
  assert.equal(summary, "4 snippets in 3 documents");
  const places = findings.map(({ path, line }) => `${path}:${line}`).sort();
  assert.deepEqual(places, [
    "README.md:12",
    "README.md:13",
    "docs/guide/a.md:6",
    "packages/a/src/b/README.md:2",
  ]);
});

test("a compiler that fails without naming a snippet is a finding too", () => {
  using tree = plantTree({ "README.md": "```ts\nbus.stats;\n```\n" });
  symlinkSync(join(ROOT, "node_modules"), join(tree.root, "node_modules"), "junction");
  const { findings } = checkSnippets(tree.root); // there is no tsconfig.base.json
  assert.equal(findings.length, 1);
  assert.match(findings[0]?.message ?? "", /tsconfig\.base\.json/);
});

test("only fences marked ts count, also longer and indented ones", () => {
  const text = ["````ts", "const a = `", "```", "`;", "````", "- x", "  ```ts", "  b;", "  ```"];
  assert.deepEqual(findSnippets("a.md", text.join("\n")), [
    { path: "a.md", line: 2, code: "const a = `\n```\n`;" },
    { path: "a.md", line: 8, code: "  b;" },
  ]);
  assert.deepEqual(findSnippets("a.md", "```tsx\na\n```\n```\nb\n```\n"), []);
});
