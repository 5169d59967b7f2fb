import { createApplicationEntity, type PeerNode, storeIn } from 'causeway/dimse';

const server = createApplicationEntity({
  aeTitle: 'STORE',
  receive: storeIn('incoming'),
  checkUser: (user) => user?.kind === 'user-name-and-passcode' && user.name === 'alice' && user.passcode === 'secret',
});
await server.listen(11112);

const store = { aeTitle: 'STORE', host: '127.0.0.1', port: 11112 };
const alice: PeerNode = { ...store, user: { name: 'alice', passcode: 'secret', mustBeAccepted: true } };
const sender = createApplicationEntity({ aeTitle: 'SENDER' });
console.log('let in:', (await sender.echo(alice)) > 0);
await sender.echo(store).catch((error: Error) => console.log(error.message));
await sender.close();
process.once('SIGTERM', () => server.close());
