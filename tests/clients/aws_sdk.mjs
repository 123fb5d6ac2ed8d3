// The JavaScript SDK v3 against the server at ENDPOINT: tables, items, pages, transactions, errors, streams.
// Prints one JSON document of what it saw; the test says what that should be.

import {
  BatchWriteItemCommand, ConditionalCheckFailedException, CreateTableCommand, DescribeTableCommand, DynamoDBClient,
  ResourceNotFoundException, TransactionCanceledException, paginateScan, waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import {
  DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand, paginateQuery,
} from "@aws-sdk/lib-dynamodb";

const settings = {
  endpoint: process.env.ENDPOINT,
  region: "us-east-1",
  maxAttempts: 1,
  credentials: { accessKeyId: process.env.KEY, secretAccessKey: process.env.SECRET },
};
const client = new DynamoDBClient(settings);
const documents = DynamoDBDocumentClient.from(client);
const streams = new DynamoDBStreamsClient(settings);
const seen = {};

const created = await client.send(new CreateTableCommand({
  TableName: "scores",
  KeySchema: [{ AttributeName: "game", KeyType: "HASH" }, { AttributeName: "player", KeyType: "RANGE" }],
  AttributeDefinitions: [
    { AttributeName: "game", AttributeType: "S" }, { AttributeName: "player", AttributeType: "S" },
    { AttributeName: "points", AttributeType: "N" },
  ],
  GlobalSecondaryIndexes: [{
    IndexName: "ranking",
    KeySchema: [{ AttributeName: "game", KeyType: "HASH" }, { AttributeName: "points", KeyType: "RANGE" }],
    Projection: { ProjectionType: "ALL" },
  }],
  BillingMode: "PAY_PER_REQUEST",
  StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
}));
await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 2 }, { TableName: "scores" });
const described = await client.send(new DescribeTableCommand({ TableName: "scores" }));
seen.createdIsADate = described.Table.CreationDateTime instanceof Date
  && Math.abs(described.Table.CreationDateTime - Date.now()) < 60_000;
seen.requestId = created.$metadata.requestId.length;

const item = { game: "chess", player: "ann", points: 7, tags: new Set(["a", "ü"]), raw: new Uint8Array([0, 255]), deep: { list: [1, null, true] } };
await documents.send(new PutCommand({ TableName: "scores", Item: item }));
const got = (await documents.send(new GetCommand({ TableName: "scores", Key: { game: "chess", player: "ann" } }))).Item;
seen.item = { ...got, tags: [...got.tags].sort(), raw: [...got.raw] };

const updated = await documents.send(new UpdateCommand({
  TableName: "scores", Key: { game: "chess", player: "ann" }, ReturnValues: "UPDATED_NEW",
  UpdateExpression: "SET points = points + :more", ExpressionAttributeValues: { ":more": 3 },
}));
seen.updated = updated.Attributes;

for (let start = 0; start < 50; start += 25) {
  const requests = Array.from({ length: 25 }, (_, n) => ({ PutRequest: { Item: {
    game: { S: "go" }, player: { S: `p${String(start + n).padStart(2, "0")}` }, points: { N: String(100 - start - n) } } } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { scores: requests } }));
}
const pages = [];
for await (const page of paginateQuery({ client: documents, pageSize: 20 }, {
  TableName: "scores", KeyConditionExpression: "game = :g", ExpressionAttributeValues: { ":g": "go" },
})) pages.push(page.Items.length);
seen.pages = pages;
let scanned = 0;
for await (const page of paginateScan({ client, pageSize: 7 }, { TableName: "scores" })) scanned += page.Items.length;
seen.scanned = scanned;
const best = await documents.send(new QueryCommand({
  TableName: "scores", IndexName: "ranking", KeyConditionExpression: "game = :g", ScanIndexForward: false, Limit: 1,
  ExpressionAttributeValues: { ":g": "go" },
}));
seen.best = best.Items[0].player;

await documents.send(new TransactWriteCommand({ TransactItems: [
  { Put: { TableName: "scores", Item: { game: "draughts", player: "bob" } } },
  { Delete: { TableName: "scores", Key: { game: "chess", player: "ann" } } },
] }));
try {
  await documents.send(new TransactWriteCommand({ TransactItems: [
    { Put: { TableName: "scores", Item: { game: "x", player: "y" } } },
    { ConditionCheck: { TableName: "scores", Key: { game: "draughts", player: "bob" },
      ConditionExpression: "attribute_not_exists(game)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" } },
  ] }));
} catch (error) {
  seen.cancelled = [error instanceof TransactionCanceledException, error.message,
    error.CancellationReasons.map((reason) => reason.Code), error.CancellationReasons[1].Item];
}
try {
  await documents.send(new PutCommand({ TableName: "scores", Item: { game: "draughts", player: "bob" },
    ConditionExpression: "attribute_not_exists(game)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" }));
} catch (error) {
  seen.condition = [error instanceof ConditionalCheckFailedException, error.message, error.Item, error.$metadata.httpStatusCode];
}
try {
  await documents.send(new GetCommand({ TableName: "nowhere", Key: { a: 1 } }));
} catch (error) {
  seen.missing = [error instanceof ResourceNotFoundException, error.name, error.message];
}
try {
  await documents.send(new GetCommand({ TableName: "scores", Key: { a: 1 } }));
} catch (error) {
  seen.invalid = [error.name, error.message];
}

const StreamArn = created.TableDescription.LatestStreamArn;
const stream = await streams.send(new DescribeStreamCommand({ StreamArn }));
const { ShardIterator } = await streams.send(new GetShardIteratorCommand({
  StreamArn, ShardId: stream.StreamDescription.Shards[0].ShardId, ShardIteratorType: "TRIM_HORIZON",
}));
const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: 2 }));
seen.records = Records.map((record) => [record.eventName, record.dynamodb.NewImage.points.N,
  record.dynamodb.ApproximateCreationDateTime instanceof Date]);

console.log(JSON.stringify(seen));
