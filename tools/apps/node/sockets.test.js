// socket.io with its adapters for Redis: two servers whose clients meet through PUBLISH, and through
// SPUBLISH. See server.js for running the same against the reference.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { createAdapter, createShardedAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { collector, pending, startServer } from './server.js';

let server;
before(async () => (server = await startServer()));
after(() => server.stop());

/** The ways an adapter can be made: each gives the adapter and a function that ends its clients. */
const kinds = {
  async 'PUBLISH over ioredis'() {
    const clients = [new Redis(server.url), new Redis(server.url)];
    return [createAdapter(...clients), () => Promise.all(clients.map((client) => client.quit()))];
  },
  async 'PUBLISH over node-redis'() {
    const clients = await connected();
    return [createAdapter(...clients), () => Promise.all(clients.map((client) => client.close()))];
  },
  async 'SPUBLISH over node-redis in RESP3'() {
    const clients = await connected({ RESP: 3 });
    const options = { subscriptionMode: 'dynamic' };
    return [createShardedAdapter(...clients, options), () => Promise.all(clients.map((client) => client.close()))];
  },
};

const connected = (options) =>
  Promise.all([1, 2].map(() => createClient({ url: server.url, ...options }).connect()));

/** A node of the application: a socket.io server that lets clients join rooms and talk in them. */
async function node(makeAdapter, name) {
  const [adapter, end] = await makeAdapter();
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = new Server(http, { adapter });
  server.on('connection', (socket) => {
    socket.data.name = socket.handshake.auth.name;
    socket.on('join', async (room, done) => done(await socket.join(room)));
    socket.on('say', (room, text) => socket.to(room).emit('said', `${socket.data.name}: ${text}`));
  });
  server.on('question', (text, answer) => answer(`${name} heard ${text}`));
  const close = async () => {
    await server.close();
    await end();
  };
  return { server, close, url: `http://127.0.0.1:${http.address().port}` };
}

async function visitor(url, name) {
  const socket = io(url, { auth: { name }, transports: ['websocket'], forceNew: true });
  const heard = collector();
  socket.on('said', (text) => heard.add(text));
  await once(socket, 'connect');
  return { socket, heard, join: (room) => socket.emitWithAck('join', room) };
}

for (const [kind, makeAdapter] of Object.entries(kinds)) {
  describe(kind, () => {
    let nodes;
    let anna, ben, cleo;

    before(async () => {
      nodes = [await node(makeAdapter, 'first'), await node(makeAdapter, 'second')];
      anna = await visitor(nodes[0].url, 'anna');
      ben = await visitor(nodes[1].url, 'ben');
      cleo = await visitor(nodes[1].url, 'cleo');
      // Requests are answered by both nodes only when both have subscribed.
      while ((await nodes[0].server.fetchSockets()).length < 3);
    });

    after(async () => {
      for (const { socket } of [anna, ben, cleo]) socket.disconnect();
      for (const one of nodes) await one.close();
    });

    test('what one says in a room is heard there on the other server, and nowhere else', async () => {
      await Promise.all([anna.join('blue'), ben.join('blue'), cleo.join('red')]);
      anna.socket.emit('say', 'blue', 'hello');
      assert.deepEqual(await ben.heard.until(1), ['anna: hello']);
      ben.socket.emit('say', 'blue', 'who is there?');
      assert.deepEqual(await anna.heard.until(1), ['ben: who is there?']);
      anna.socket.emit('say', 'red', 'and here?');
      assert.deepEqual(await cleo.heard.until(1), ['anna: and here?']);
      assert.deepEqual([anna, ben, cleo].map(({ heard }) => heard.items.length), [1, 1, 1]);
    });

    test('three hundred messages arrive everywhere, in order, bytes included', async () => {
      const got = [anna, ben, cleo].map(({ socket }) => {
        const seen = collector();
        socket.on('number', (n, bytes) => seen.add(`${n}:${Buffer.from(bytes).toString('hex')}`));
        return seen;
      });
      const messages = Array.from({ length: 300 }, (_, i) => [i, Buffer.from([i & 255, 0, 13, 10])]);
      for (const [i, bytes] of messages) nodes[0].server.emit('number', i, bytes);
      const expected = messages.map(([i, bytes]) => `${i}:${bytes.toString('hex')}`);
      for (const seen of got) assert.deepEqual(await seen.until(300), expected);
    });

    test('a server asks all clients, and all answers come back', async () => {
      for (const { socket } of [anna, ben, cleo]) socket.once('age', (answer) => answer(socket.auth.name.length));
      const ages = await nodes[0].server.timeout(4000).emitWithAck('age');
      assert.deepEqual(ages.sort(), [3, 4, 4]);
    });

    test('a server asks the others', async () => {
      assert.deepEqual(await nodes[0].server.serverSideEmitWithAck('question', 'this'), ['second heard this']);
    });

    test('a server knows, moves and disconnects the clients of the others', async () => {
      const names = async (room) => (await nodes[0].server.in(room).fetchSockets()).map(({ data }) => data.name).sort();
      assert.deepEqual(await names('blue'), ['anna', 'ben']);
      const moved = pending();
      nodes[1].server.of('/').adapter.on('join-room', (room) => room === 'green' && moved.resolve());
      nodes[0].server.in('red').socketsJoin('green');
      await moved.promise;
      assert.deepEqual(await names('green'), ['cleo']);
      const gone = once(cleo.socket, 'disconnect');
      nodes[0].server.in('green').disconnectSockets(true);
      await gone;
      while ((await nodes[0].server.fetchSockets()).length > 2);
      assert.deepEqual(await names('green'), []);
    });
  });
}
