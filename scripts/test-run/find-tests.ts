/** Which test files there are. */
import { findFiles, listPackages } from "../check/find-files.ts";

const TEST = /\.test\.ts$/;

/** Unit tests: beside the source they test, of the packages and of the scripts. */
export function findUnitTests(root: string): string[] {
  const sources = listPackages(root).map((folder) => `${folder}/src`);
  return [...sources, "scripts"].flatMap((folder) => findFiles(root, folder, TEST));
}

/** Tests that cross layers or drive real processes. */
export function findWideTests(root: string): string[] {
  const folders = listPackages(root).map((folder) => `${folder}/test`);
  return [...folders, "examples", "test"].flatMap((folder) => findFiles(root, folder, TEST));
}
