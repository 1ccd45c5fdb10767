// The workload `stateless` with KafkaJS: eachBatch, one sendBatch per batch.
import { Kafka, logLevel, Partitioners } from "kafkajs";

const { BENCH_RECORDS, BENCH_OUT, BENCH_APP, BENCH_BOOTSTRAP, BENCH_WORKLOAD } = process.env;
if (BENCH_WORKLOAD !== "stateless") throw new Error("only stateless is here");
const records = Number(BENCH_RECORDS);
console.log("START");
const kafka = new Kafka({ brokers: [BENCH_BOOTSTRAP], logLevel: logLevel.ERROR });
const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
const consumer = kafka.consumer({ groupId: BENCH_APP, maxWaitTimeInMs: 100 });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topic: "events", fromBeginning: true });
let seen = 0, half = false, finish;
const finished = new Promise((f) => (finish = f));
await consumer.run({
  eachBatch: async ({ batch }) => {
    const messages = [];
    for (const m of batch.messages) {
      const v = m.value.toString();
      if (!v.includes('"type":"view"')) messages.push({ key: m.key, value: v.replaceAll("Mozilla/5.0", "M5"), timestamp: m.timestamp });
    }
    if (messages.length) await producer.send({ topic: BENCH_OUT, messages, acks: -1 });
    seen += batch.messages.length;
    if (!half && seen >= records / 2) { half = true; console.log("HALF", seen); }
    if (seen >= records) finish();
  },
});
await finished;
await consumer.stop();
await consumer.disconnect();
await producer.disconnect();
console.log("DONE");
