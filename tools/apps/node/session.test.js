// Sessions of an express application in connect-redis: a login that lasts as long as it is used.
// See server.js for running the same against the reference.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { collector, startServer } from './server.js';

let server;
let client;
let listener;
const expired = collector();

before(async () => {
  server = await startServer('--notify-keyspace-events', 'Ex');
  client = await createClient({ url: server.url }).connect();
  listener = await client.duplicate().connect();
  await listener.subscribe('__keyevent@0__:expired', (key) => expired.add(key));
});

after(async () => {
  client.destroy();
  listener.destroy();
  await server.stop();
});

/** Runs an application that counts visits; `store` are options of the session store. */
async function application(t, prefix, store) {
  const app = express();
  const sessions = new RedisStore({ client, prefix, ...store });
  app.use(session({ store: sessions, secret: 'a secret', resave: false, saveUninitialized: false }));
  app.get('/visit', (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1;
    response.json(request.session.visits);
  });
  app.get('/look', (request, response) => response.json(request.session.visits ?? null));
  app.get('/leave', (request, response) => request.session.destroy(() => response.json('bye')));
  app.get('/renew', (request, response) => request.session.regenerate(() => response.json(request.sessionID)));
  const http = app.listen(0, '127.0.0.1');
  t.after(() => http.close());
  await once(http, 'listening');
  return { sessions, visitor: () => visitor(`http://127.0.0.1:${http.address().port}`) };
}

/** A browser's part: it keeps the cookie. */
function visitor(address) {
  let cookie = '';
  return async (path) => {
    const response = await fetch(address + path, { headers: { cookie } });
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    return response.json();
  };
}

test('every visitor has a session, until it is left', async (t) => {
  const { sessions, visitor } = await application(t, 'kept:', { ttl: 100 });
  const [anna, ben] = [visitor(), visitor()];
  for (const [who, visits] of [[anna, 1], [anna, 2], [ben, 1], [anna, 3]]) assert.equal(await who('/visit'), visits);
  assert.equal(await sessions.length(), 2);
  assert.deepEqual((await sessions.all()).map(({ visits }) => visits).sort(), [1, 3]);
  const [id] = await sessions.ids();
  assert.ok((await client.ttl(`kept:${id}`)) > 90);

  await anna('/leave');
  assert.equal(await sessions.length(), 1);
  assert.equal(await anna('/look'), null);
  assert.equal(await ben('/look'), 1);
  const before = await sessions.ids();
  await ben('/renew');
  assert.ok(!(await sessions.ids()).includes(before[0]));
  await sessions.clear();
  assert.deepEqual(await client.keys('kept:*'), []);
});

test('clearing goes through thousands of sessions and leaves other keys', async (t) => {
  const { sessions } = await application(t, 'many:', { scanCount: 50 });
  await client.set('other', 'stays');
  await Promise.all(Array.from({ length: 3000 }, (_, i) => sessions.set(`id${i}`, { cookie: {}, i })));
  assert.equal(await sessions.length(), 3000);
  assert.equal((await sessions.get('id2999')).i, 2999);
  await sessions.clear();
  assert.equal(await sessions.length(), 0);
  assert.equal(await client.get('other'), 'stays');
});

test('a session ends when nobody uses it, and looking at it is using it', async (t) => {
  const { sessions, visitor } = await application(t, 'short:', { ttl: 3 });
  const [used, idle] = [visitor(), visitor()];
  await idle('/visit');
  const [forgotten] = await sessions.ids();
  await used('/visit');
  const [kept] = (await sessions.ids()).filter((id) => id !== forgotten);
  // A look sets the time that is left to three seconds, whatever it was.
  await client.expire(`short:${kept}`, 100);
  assert.equal(await used('/look'), 1);
  const left = await client.pTTL(`short:${kept}`);
  assert.ok(left > 0 && left <= 3000, `${left}`);
  await client.pExpire(`short:${forgotten}`, 200);
  assert.deepEqual(await expired.until(1), [`short:${forgotten}`]);
  assert.equal(await idle('/look'), null);
  assert.equal(await used('/visit'), 2);
  assert.deepEqual((await expired.until(2))[1], `short:${kept}`);
  assert.equal(await used('/look'), null);
});
