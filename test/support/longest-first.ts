import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take fifteen seconds and more, longest first, but for those with a browser: two at once are in each other's way. */
const long = [
  'test/conformance/page.test.ts',
  'test/integration/search-oracle.test.ts',
  'test/integration/durability.test.ts',
  'test/conformance/dimse-peer.test.ts',
  'test/conformance/viewer-objects.test.ts',
  'test/conformance/encoding.test.ts',
  'test/conformance/rendering.test.ts',
  'test/integration/index-embedded-postgres.test.ts',
  'test/conformance/viewer.test.ts',
  'test/integration/publishing-killed.test.ts',
  'test/conformance/orthanc.test.ts',
  'test/conformance/library.test.ts',
  'test/integration/start.test.ts',
  'test/conformance/transcoding.test.ts',
  'test/conformance/find.test.ts',
];

/**
 * Begins with the files that take longest, so that no worker is left alone with one of them at the end. Vitest itself
 * goes by how long a file is where it has not run it yet, and the shortest ones can take longest.
 */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((path) => moduleId.endsWith(`/${path}`));
      return at < 0 ? long.length : at;
    };
    const sorted = await super.sort(files);
    // Projects stay together: a worker of one is no worker of the other.
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    const group = ({ project }: TestSpecification) => projects.indexOf(project.name);
    return sorted.sort((one, other) => group(one) - group(other) || place(one) - place(other));
  }
}
