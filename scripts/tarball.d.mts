export function filesOfTarball(tarball: Buffer): Map<string, Buffer>;
