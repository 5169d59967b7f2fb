import { describe, expect, test } from 'vitest';
import { storageSopClass, storageSopClasses } from '../../../src/dicom/storage-sop-classes.ts';
import { transferSyntax, transferSyntaxes } from '../../../src/dicom/transfer-syntaxes.ts';

describe('the registry of storage SOP classes', () => {
  test('lists every UID once', () => {
    expect(new Set(storageSopClasses.map(({ uid }) => uid)).size).toBe(storageSopClasses.length);
    for (const { uid, name } of storageSopClasses) {
      expect(uid).toMatch(/^1\.2\.840\.10008\.5\.1\.[0-9.]+$/);
      expect(name).not.toBe('');
    }
  });

  test('tells current, retired and non-patient classes apart', () => {
    expect(storageSopClass('1.2.840.10008.5.1.4.1.1.2')).toEqual({
      uid: '1.2.840.10008.5.1.4.1.1.2',
      name: 'CT Image Storage',
      retired: false,
      nonPatient: false,
    });
    expect(storageSopClass('1.2.840.10008.5.1.4.1.1.5')).toMatchObject({ retired: true });
    expect(storageSopClass('1.2.840.10008.5.1.4.38.1')).toMatchObject({ nonPatient: true });
  });

  test('has no media storage directory and no query class', () => {
    expect(storageSopClass('1.2.840.10008.1.3.10')).toBeUndefined();
    expect(storageSopClass('1.2.840.10008.5.1.4.1.1.200.4')).toBeUndefined();
  });
});

describe('the registry of transfer syntaxes', () => {
  test('lists every UID once', () => {
    expect(new Set(transferSyntaxes.map(({ uid }) => uid)).size).toBe(transferSyntaxes.length);
  });

  test('knows how each family is encoded', () => {
    expect(transferSyntax('1.2.840.10008.1.2')).toMatchObject({ explicitVr: false, encapsulated: false });
    expect(transferSyntax('1.2.840.10008.1.2.2')).toMatchObject({ bigEndian: true, explicitVr: true });
    expect(transferSyntax('1.2.840.10008.1.2.1.99')).toMatchObject({ deflated: true, encapsulated: false });
    expect(transferSyntax('1.2.840.10008.1.2.1.98')).toMatchObject({ encapsulated: true, codec: 'native' });
    expect(transferSyntax('1.2.840.10008.1.2.4.70')).toMatchObject({ codec: 'jpeg', lossy: false });
    expect(transferSyntax('1.2.840.10008.1.2.4.203')).toMatchObject({ frameMediaType: 'image/jphc', lossy: true });
    expect(transferSyntax('1.2.840.10008.1.2.4.102.1')).toMatchObject({ video: true, frameMediaType: 'video/mp4' });
  });

  test('leaves out real-time video, which is never a file', () => {
    expect(transferSyntax('1.2.840.10008.1.2.7.1')).toBeUndefined();
  });
});
