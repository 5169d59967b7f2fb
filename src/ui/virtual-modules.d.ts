declare module 'virtual:configuration-schema' {
  /** As in the OpenAPI document. */
  const schema: { readonly components: { readonly schemas: Readonly<Record<string, object>> } };
  export default schema;
}

declare module 'virtual:dicom-keywords' {
  /** Keyword by tag, eight upper-case hexadecimal digits; `x` where any digit may stand. */
  const keywords: Readonly<Record<string, string>>;
  export default keywords;
}
