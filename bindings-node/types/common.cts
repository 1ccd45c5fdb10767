// The same names for programs that use `require`.
import library = require('libkstreams')

const builder: library.StreamsBuilder = new library.StreamsBuilder()
const table: library.KTable<string, bigint> = builder.stream<string, string>('in').groupByKey().count()
table.toStream().to('out')
export = library.serde.string.serialize('x')
