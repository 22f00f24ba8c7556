import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern, type Realm } from "../base/index.ts";
import { SeededRandom } from "../testing/index.ts";
import { type Face, Router } from "./router.ts";

interface RecordingFace extends Face {
  readonly name: string;
}

const face = (name: string, realm: Realm = "user"): RecordingFace => ({ name, realm });
const names = (faces: readonly RecordingFace[]): string[] =>
  faces.map(({ name }) => name).toSorted();

test("a face that wants a topic twice over is a target once; the widest realm is told", () => {
  const router = new Router<RecordingFace>(() => true);
  const [near, far] = [face("near", "process"), face("far", "global")];
  router.add(near, "a/b");
  router.add(near, "a/*");
  router.add(far, "**");
  const { faces, widestRealm } = router.targets("a/b");
  assert.deepEqual(names(faces), ["far", "near"]);
  assert.equal(widestRealm, 3);
  assert.deepEqual(router.targets("$sys").faces, []);
});

test("stating an interest twice needs taking it back twice; what was never stated cannot be", () => {
  const router = new Router<RecordingFace>(() => true);
  const one = face("one");
  router.add(one, "a");
  router.add(one, "a");
  assert.equal(router.interestCount(one), 1);
  assert.equal(router.remove(one, "a"), true);
  assert.deepEqual(names(router.targets("a").faces), ["one"]);
  assert.equal(router.remove(one, "a"), true);
  assert.deepEqual(router.targets("a").faces, []);
  assert.equal(router.remove(one, "a"), false);
  assert.equal(router.remove(face("two"), "a"), false);
});

test("an uplink gets every topic, the system's too, until it is gone", () => {
  const router = new Router<RecordingFace>(() => true);
  const uplink = face("uplink", "global");
  router.addTaker(uplink);
  router.add(face("one"), "a");
  assert.deepEqual(names(router.targets("a").faces), ["one", "uplink"]);
  assert.deepEqual(names(router.targets("$SYS/x").faces), ["uplink"]);
  router.removeFace(uplink);
  assert.deepEqual(router.targets("$SYS/x").faces, []);
});

test("who may not receive is asked for each topic; each change makes another version", () => {
  const asked: string[] = [];
  const router = new Router<RecordingFace>((one, name) => {
    asked.push(`${one.name} ${name}`);
    return name !== "secret";
  });
  const one = face("one");
  const versions = [router.version];
  router.add(one, "**");
  versions.push(router.version);
  assert.deepEqual(names(router.targets("open").faces), ["one"]);
  assert.deepEqual(router.targets("secret").faces, []);
  assert.deepEqual(asked, ["one open", "one secret"]);
  assert.equal(router.version, versions.at(-1));
  router.remove(one, "**");
  versions.push(router.version);
  assert.equal(new Set(versions).size, 3);
});

test("against a naive model: any order of statements, ends and faces that go", () => {
  const patterns = ["a", "a/b", "a/b/c", "*", "a/*", "*/b", "**", "a/**", "$s", "$s/**"];
  const topics = ["a", "b", "a/b", "a/c", "x/b", "a/b/c", "$s", "$s/t"];
  for (let seed = 1; seed <= 30; seed++) {
    const random = new SeededRandom(seed);
    const forbidden = random.pick(topics);
    const router = new Router<RecordingFace>((one, name) => one.name !== "1" || name !== forbidden);
    const realms: readonly Realm[] = ["process", "user", "lan", "global"];
    const faces = realms.map((realm, n) => face(String(n), realm));
    const model = new Map<RecordingFace, string[]>(faces.map((one) => [one, []]));
    for (let step = 0; step < 200; step++) {
      const one = random.pick(faces);
      const pattern = random.pick(patterns);
      const stated = model.get(one) ?? [];
      const dice = random.integer(10);
      if (dice < 5) {
        router.add(one, pattern);
        stated.push(pattern);
      } else if (dice < 9) {
        const at = stated.indexOf(pattern);
        assert.equal(router.remove(one, pattern), at >= 0);
        if (at >= 0) stated.splice(at, 1);
      } else if (random.integer(3) === 0) {
        router.removeFace(one);
        model.set(one, []);
      }
      assert.equal(router.interestCount(one), new Set(model.get(one)).size);
      assert.equal(router.has(one, pattern), model.get(one)?.includes(pattern));
      const name = random.pick(topics);
      const wanted = faces.filter(
        (other) =>
          (other.name !== "1" || name !== forbidden) &&
          model.get(other)?.some((given) => matchesPattern(given, name)),
      );
      const { faces: found, widestRealm } = router.targets(name);
      assert.deepEqual(names(found), names(wanted), `seed ${seed}, step ${step}`);
      assert.equal(widestRealm, Math.max(0, ...wanted.map(({ realm }) => realms.indexOf(realm))));
    }
  }
});
