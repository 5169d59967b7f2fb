import { type ApiDocument, readApiDocument } from './api-document.ts';

/** The document as it is when somebody first asks what it says: a start does not wait for it. */
export function apiOnDemand(): ApiDocument {
  let document: ApiDocument | undefined;
  const read = (): ApiDocument => {
    document ??= readApiDocument();
    return document;
  };
  return {
    get tags() {
      return read().tags;
    },
    get operations() {
      return read().operations;
    },
  };
}
