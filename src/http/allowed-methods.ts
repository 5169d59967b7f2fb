/**
 * What Allow says of a resource (RFC 9110 §10.2.1): every one that has GET has HEAD, and all have OPTIONS.
 * @param methods those of the OpenAPI document, in upper case
 */
export function allowedMethods(methods: readonly string[]): string {
  return [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].join(', ');
}
