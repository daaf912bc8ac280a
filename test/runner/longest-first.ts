import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Series of cases, contracts and shows: files that are short to read and long to run. */
const longOnes = [
  /\/magnum-cluster\.test\.ts$/,
  /\/nova-alone\.test\.ts$/,
  /\/provider-contract\.test\.ts$/,
  /\/provider\.test\.ts$/,
  /crash[^/]*\.test\.ts$/,
  /\/demo\.test\.ts$/,
  /contract\.test\.ts$/,
];

/** Begins with what takes longest, so that no core waits for it at the end. Vitest itself goes by the size of the files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted
      .map((file, place) => ({ file, place, group: file.project.config.sequence.groupOrder, rank: rankOf(file) }))
      .sort((a, b) => a.group - b.group || a.rank - b.rank || a.place - b.place)
      .map(({ file }) => file);
  }
}

function rankOf({ moduleId }: TestSpecification): number {
  const rank = longOnes.findIndex((it) => it.test(moduleId));
  return rank < 0 ? longOnes.length : rank;
}
