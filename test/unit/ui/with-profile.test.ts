import { describe, expect, it } from 'vitest';
import { withProfile } from '../../../src/ui/config/with-profile.ts';

const lists = { alsoRemove: ['StudyDescription'], keep: [] };

describe('the choice of a profile', () => {
  it("of a publisher leaves nothing behind that would turn the site's off", () => {
    expect(withProfile({ profile: 'basic', ...lists }, '', true)).toBeUndefined();
    expect(withProfile({ profile: 'basic', ...lists }, 'none', true)).toEqual({ profile: 'none' });
    expect(withProfile(undefined, 'basic', true)).toEqual({ profile: 'basic' });
  });

  it('of the site keeps its lists', () => {
    expect(withProfile({ profile: 'none', ...lists }, 'basic', false)).toEqual({ profile: 'basic', ...lists });
    expect(withProfile({ profile: 'basic', ...lists }, 'none', false)).toEqual({ profile: 'none', ...lists });
  });
});
