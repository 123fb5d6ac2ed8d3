// ElectroDB, a mapper of others, does its own write-read-query round trips against the server at ENDPOINT.

import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Entity, Service } from "electrodb";

const client = new DynamoDBClient({
  endpoint: process.env.ENDPOINT, region: "us-east-1", maxAttempts: 1,
  credentials: { accessKeyId: process.env.KEY, secretAccessKey: process.env.SECRET },
});
const table = "single-table";
const key = (name) => ({ AttributeName: name, AttributeType: "S" });
await client.send(new CreateTableCommand({
  TableName: table, BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["pk", "sk", "gsi1pk", "gsi1sk"].map(key),
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
  GlobalSecondaryIndexes: [{
    IndexName: "gsi1", Projection: { ProjectionType: "ALL" },
    KeySchema: [{ AttributeName: "gsi1pk", KeyType: "HASH" }, { AttributeName: "gsi1sk", KeyType: "RANGE" }],
  }],
}));

const tasks = new Entity({
  model: { entity: "task", version: "1", service: "work" },
  attributes: {
    project: { type: "string", required: true },
    task: { type: "string", required: true },
    owner: { type: "string", required: true },
    status: { type: ["open", "done"], default: "open" },
    points: { type: "number", default: 0 },
    labels: { type: "set", items: "string" },
    notes: { type: "list", items: { type: "map", properties: { text: { type: "string" } } } },
  },
  indexes: {
    byProject: { pk: { field: "pk", composite: ["project"] }, sk: { field: "sk", composite: ["task"] } },
    byOwner: { index: "gsi1", collection: "assigned", pk: { field: "gsi1pk", composite: ["owner"] }, sk: { field: "gsi1sk", composite: ["status", "task"] } },
  },
}, { client, table });
const people = new Entity({
  model: { entity: "person", version: "1", service: "work" },
  attributes: { owner: { type: "string", required: true }, name: { type: "string" } },
  indexes: {
    person: { pk: { field: "pk", composite: ["owner"] }, sk: { field: "sk", composite: [] } },
    assigned: { index: "gsi1", collection: "assigned", pk: { field: "gsi1pk", composite: ["owner"] }, sk: { field: "gsi1sk", composite: [] } },
  },
}, { client, table });
const work = new Service({ tasks, people });
const seen = {};

await people.put({ owner: "ann", name: "Ann" }).go();
await tasks.put(Array.from({ length: 30 }, (_, n) => ({ project: "p1", task: `t${String(n).padStart(2, "0")}`, owner: n % 2 ? "ann" : "bob", points: n }))).go();
await tasks.create({ project: "p2", task: "t1", owner: "ann", labels: ["x", "y"], notes: [{ text: "hello" }] }).go();
try {
  await tasks.create({ project: "p2", task: "t1", owner: "ann" }).go();
} catch (error) {
  seen.createdTwice = error.message.includes("The conditional request failed");
}
const got = (await tasks.get({ project: "p2", task: "t1" }).go()).data;
seen.got = { ...got, labels: [...got.labels].sort() };
seen.updated = (await tasks.patch({ project: "p2", task: "t1" }).set({ status: "done" }).add({ points: 5 })
  .append({ notes: [{ text: "again" }] }).delete({ labels: ["x"] }).go({ response: "all_new" })).data;
let cursor = null;
seen.pages = [];
do {
  const page = await tasks.query.byProject({ project: "p1" }).go({ limit: 12, cursor });
  seen.pages.push(page.data.length);
  cursor = page.cursor;
} while (cursor !== null);
seen.between = (await tasks.query.byProject({ project: "p1" }).between({ task: "t05" }, { task: "t09" }).go()).data.map((task) => task.task);
seen.open = (await tasks.query.byOwner({ owner: "bob" }).begins({ status: "open" }).where(({ points }, { gt }) => gt(points, 20)).go()).data.length;
const assigned = (await work.collections.assigned({ owner: "ann" }).go()).data;
seen.assigned = [assigned.people.length, assigned.tasks.length];
const transaction = await work.transaction.write(({ tasks, people }) => [
  tasks.remove({ project: "p1", task: "t00" }).commit(),
  people.upsert({ owner: "bob", name: "Bob" }).commit(),
]).go();
seen.transaction = transaction.canceled;
const cancelled = await work.transaction.write(({ tasks }) => [
  tasks.create({ project: "p2", task: "t1", owner: "zoe" }).commit({ response: "all_old" }),
]).go();
seen.cancelled = [cancelled.canceled, cancelled.data[0].code, cancelled.data[0].item?.owner];
seen.batch = (await tasks.get([{ project: "p1", task: "t00" }, { project: "p1", task: "t01" }]).go()).data.map((task) => task.task);
seen.scanned = (await tasks.scan.where(({ status }, { eq }) => eq(status, "done")).go({ pages: "all" })).data.length;

console.log(JSON.stringify(seen));
