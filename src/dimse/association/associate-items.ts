/** Type, a reserved byte, a length of two bytes, the value. PS3.8 §9.3.2. */
export function item(type: number, ...value: readonly Buffer[]): Buffer {
  const length = value.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([Buffer.from([type, 0]), uint16(length), ...value]);
}

/** A UID after its length of two bytes. */
export function counted(uid: string): Buffer {
  return Buffer.concat([uint16(uid.length), ascii(uid)]);
}

export function ascii(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

export function uint16(value: number): Buffer {
  const encoded = Buffer.alloc(2);
  encoded.writeUInt16BE(value);
  return encoded;
}
