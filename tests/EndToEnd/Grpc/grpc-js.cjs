// Calls the registry with @grpc/grpc-js: node grpc-js.cjs ADDRESS PROTO_FOLDER. Prints one JSON object of what it saw.
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const [address, folder] = process.argv.slice(2);
const definition = loader.loadSync('twin/registry/v1/entity_registry.proto', { includeDirs: [folder], keepCase: true, longs: String });
const { EntityRegistry } = grpc.loadPackageDefinition(definition).twin.registry.v1;
const client = new EntityRegistry(address, grpc.credentials.createInsecure());

const unary = (id) => new Promise((resolve) => client.RetrieveEntity({ id }, (error, entity) =>
  resolve(error ? { code: error.code, details: error.metadata.get('grpc-status-details-bin').length } : { id: entity.id })));

const all = () => new Promise((resolve, reject) => {
  const ids = [];
  client.QueryEntities({ type: 'Building' }).on('data', (entity) => ids.push(entity.id)).on('end', () => resolve(ids)).on('error', reject);
});

// Stops after three, by the caller's own wish.
const cancelled = () => new Promise((resolve) => {
  let seen = 0;
  const call = client.QueryEntities({ type: 'Building' });
  call.on('data', () => { if (++seen === 3) call.cancel(); }).on('error', (error) => resolve({ code: error.code })).on('end', () => resolve({ code: 0 }));
});

// Never reads: the window fills, the server waits with what is left, and the deadline ends the call.
const late = () => new Promise((resolve) => {
  const call = client.QueryEntities({ type: 'Building' }, { deadline: Date.now() + 1500 });
  call.pause();
  call.on('status', (status) => resolve({ code: status.code })).on('error', () => {});
  setTimeout(() => call.resume(), 2500);
});

// Reads with pauses: everything arrives all the same.
const slow = () => new Promise((resolve, reject) => {
  let seen = 0;
  const call = client.QueryEntities({ type: 'Building' });
  call.on('data', () => {
    if (++seen % 500 === 0) { call.pause(); setTimeout(() => call.resume(), 20); }
  }).on('end', () => resolve(seen)).on('error', reject);
});

(async () => {
  const ids = await all();
  console.log(JSON.stringify({
    found: await unary('urn:ngsi-ld:Building:42'),
    missing: await unary('urn:ngsi-ld:Building:none'),
    count: ids.length,
    ordered: ids.every((id, i) => id === `urn:ngsi-ld:Building:${i}`),
    cancelled: await cancelled(),
    late: await late(),
    slow: await slow(),
    after: await unary('urn:ngsi-ld:Building:1'),
  }));
  client.close();
})().catch((error) => { console.error(error); process.exit(1); });
