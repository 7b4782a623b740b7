// A worker that takes a job and then waits to be killed: bullmq.test.js runs it as a process of its own.
import { Worker } from 'bullmq';

const [, , queue, port] = process.argv;
new Worker(queue, () => (console.log('working'), new Promise(() => {})), {
  connection: { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null },
  lockDuration: 400,
  skipStalledCheck: true,
});
