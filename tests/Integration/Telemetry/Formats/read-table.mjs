// Readers that are not ours, for TableFormatTests: npm's hyparquet and apache-arrow. Prints the groups and the rows of a file.
import { readFileSync } from 'node:fs';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { tableFromIPC } from 'apache-arrow';

const [, , format, path] = process.argv;
const plain = (value) => (typeof value === 'bigint' ? Number(value) : value instanceof Date ? value.getTime() : value);
const row = (object, times) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, times.has(name) && !(value instanceof Date) ? Number(value) : plain(value)]));

let groups;
let rows;
if (format === 'parquet') {
  const file = await asyncBufferFromFile(path);
  groups = (await parquetMetadataAsync(file)).row_groups.map((group) => Number(group.num_rows));
  rows = (await parquetReadObjects({ file, compressors })).map((object) => row(object, new Set()));
} else {
  const table = tableFromIPC(readFileSync(path));
  groups = table.batches.map((batch) => batch.numRows);
  const times = new Set(table.schema.fields.filter((field) => String(field.type).startsWith('Timestamp')).map((field) => field.name));
  rows = table.toArray().map((object) => row(object.toJSON(), times));
}

console.log(JSON.stringify({ groups, rows }));
