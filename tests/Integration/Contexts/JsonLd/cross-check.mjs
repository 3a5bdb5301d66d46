// Asks the reference implementation (npm jsonld) what it makes of names and IRIs: cross-check.json in, the same with
// answers out. Runs in a folder where jsonld is installed; its argument is the folder of the bundled @contexts.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const jsonld = createRequire(process.cwd() + '/')('jsonld');
const core = 'https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.9.jsonld';
const text = readFileSync(process.argv[2] + '/ngsi-ld-core-context-v1.9.jsonld', 'utf8');
const documentLoader = async url => ({ contextUrl: null, documentUrl: url, document: url === core ? JSON.parse(text) : { '@context': {} } });
const cases = JSON.parse(readFileSync(0, 'utf8'));
for (const one of cases) {
  const context = [one.context, core].flat();
  for (const name of Object.keys(one.expanded)) {
    const [node] = await jsonld.expand({ '@context': context, '@type': name }, { documentLoader });
    one.expanded[name] = node['@type'][0];
  }
  for (const iri of Object.keys(one.compacted)) {
    const attribute = await jsonld.compact([{ '@id': 'urn:x:y', [iri]: [{ 'urn:p:q': [{ '@value': 1 }] }] }], context, { documentLoader });
    const type = await jsonld.compact([{ '@id': 'urn:x:y', '@type': [iri] }], context, { documentLoader });
    const name = Object.keys(attribute).find(key => key !== '@context' && key !== 'id');
    one.compacted[iri] = name === type.type ? name : { attribute: name, type: type.type };
  }
}
console.log(JSON.stringify(cases, null, 2));
