import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern, type Realm } from "../base/index.ts";
import { SeededRandom } from "../testing/index.ts";
import { Address } from "../wire/index.ts";
import { type Face, Router } from "./router.ts";

interface RecordingFace extends Face {
  readonly name: string;
}

const face = (name: string, realm: Realm = "user"): RecordingFace => ({ name, realm });
const names = (faces: readonly RecordingFace[]): string[] =>
  faces.map(({ name }) => name).toSorted();
const topic = (number: number, name: string): Address => new Address(number, "topic", name);

test("a face that wants a topic twice over is a target once; the widest realm is told", () => {
  const router = new Router<RecordingFace>(() => true);
  const [near, far] = [face("near", "process"), face("far", "global")];
  router.add(near, "a/b");
  router.add(near, "a/*");
  router.add(far, "**");
  const { faces, widestRealm } = router.targets(topic(1, "a/b"));
  assert.deepEqual(names(faces), ["far", "near"]);
  assert.equal(widestRealm, 3);
  assert.deepEqual(router.targets(topic(2, "$sys")).faces, []);
});

test("stating an interest twice needs taking it back twice; what was never stated cannot be", () => {
  const router = new Router<RecordingFace>(() => true);
  const one = face("one");
  router.add(one, "a");
  router.add(one, "a");
  assert.equal(router.interestCount(one), 1);
  assert.equal(router.remove(one, "a"), true);
  assert.deepEqual(names(router.targets(topic(1, "a")).faces), ["one"]);
  assert.equal(router.remove(one, "a"), true);
  assert.deepEqual(router.targets(topic(1, "a")).faces, []);
  assert.equal(router.remove(one, "a"), false);
  assert.equal(router.remove(face("two"), "a"), false);
});

test("answers are kept until something changes, and who may not receive is asked for each topic", () => {
  const asked: string[] = [];
  const router = new Router<RecordingFace>((one, name) => {
    asked.push(`${one.name} ${name}`);
    return name !== "secret";
  });
  router.add(face("one"), "**");
  const [open, secret] = [topic(1, "open"), topic(2, "secret")];
  const { targets } = { targets: router.targets(open) };
  assert.equal(router.targets(open), targets);
  assert.deepEqual(router.targets(secret).faces, []);
  assert.deepEqual(asked, ["one open", "one secret"]);
  router.version++;
  router.targets(open);
  assert.equal(asked.length, 3);
});

test("a retired address got, or left behind, the answers of the address that has its number now", () => {
  const router = new Router<RecordingFace>(() => true);
  router.add(face("one"), "old");
  router.add(face("two"), "new");
  const old = topic(5, "old");
  assert.deepEqual(names(router.targets(old).faces), ["one"]);
  old.isRetired = true;
  const renewed = topic(5, "new");
  assert.deepEqual(names(router.targets(renewed).faces), ["two"]);
  assert.deepEqual(names(router.targets(old).faces), ["one"]);
  assert.deepEqual(names(router.targets(renewed).faces), ["two"]);
});

test("against a naive model: any order of statements, ends, faces that go and numbers that change", () => {
  const patterns = ["a", "a/b", "a/b/c", "*", "a/*", "*/b", "**", "a/**", "$s", "$s/**"];
  const topics = ["a", "b", "a/b", "a/c", "x/b", "a/b/c", "$s", "$s/t"];
  for (let seed = 1; seed <= 30; seed++) {
    const random = new SeededRandom(seed);
    const forbidden = random.pick(topics);
    const router = new Router<RecordingFace>((one, name) => one.name !== "1" || name !== forbidden);
    const realms: readonly Realm[] = ["process", "user", "lan", "global"];
    const faces = realms.map((realm, n) => face(String(n), realm));
    const model = new Map<RecordingFace, string[]>(faces.map((one) => [one, []]));
    const addresses = topics.map((name, n) => topic(n + 1, name));
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
      } else if (dice === 9 && random.integer(3) === 0) {
        router.removeFace(one);
        model.set(one, []);
      } else {
        router.forgetNumbers(addresses.splice(0));
        const first = random.integer(50);
        addresses.push(...topics.map((name, n) => topic(first + n, name)));
      }
      assert.equal(router.interestCount(one), new Set(model.get(one)).size);
      assert.equal(router.has(one, pattern), model.get(one)?.includes(pattern));
      const address = random.pick(addresses);
      const wanted = faces.filter(
        (other) =>
          (other.name !== "1" || address.name !== forbidden) &&
          model.get(other)?.some((given) => matchesPattern(given, address.name)),
      );
      const { faces: found, widestRealm } = router.targets(address);
      assert.deepEqual(names(found), names(wanted), `seed ${seed}, step ${step}`);
      assert.equal(widestRealm, Math.max(0, ...wanted.map(({ realm }) => realms.indexOf(realm))));
    }
  }
});
