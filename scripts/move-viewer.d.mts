export function moveViewer(packaged: ReadonlyMap<string, Buffer>): Map<string, Buffer>;
