/** dcmjs ships its dictionary without types. */
declare module 'dcmjs/dictionary' {
  const dictionary: Readonly<
    Record<string, { readonly tag?: string; readonly vr?: string; readonly vm?: string; readonly name?: string }>
  >;
  export default dictionary;
}
