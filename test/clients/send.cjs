// Sends one line with each client: node send.cjs <base URL> <gelf UDP port> <forward port>.
// It ends with an error if a client that hears an answer hears a bad one.
const [base, gelfPort, forwardPort] = process.argv.slice(2);
const token = 'any';

function gelf() {
  const client = require('gelf-pro');
  client.setConfig({ adapterName: 'udp', adapterOptions: { host: '127.0.0.1', port: Number(gelfPort) } });
  return new Promise((resolve, reject) => client.info('line of gelf-pro ' + 'x'.repeat(20_000), { request: 'a' }, (err) => (err ? reject(err) : resolve())));
}

function splunk() {
  const { Logger } = require('splunk-logging');
  const client = new Logger({ token, url: base });
  return new Promise((resolve, reject) => {
    client.error = reject;
    client.send({ message: 'line of splunk-logging', metadata: { source: 'clients', host: 'h' } }, (err, _, body) => (err || body.code !== 0 ? reject(err ?? new Error(body.text)) : resolve()));
  });
}

async function datadog() {
  const { client, v2 } = require('@datadog/datadog-api-client');
  const { BaseServerConfiguration } = require('@datadog/datadog-api-client/dist/packages/datadog-api-client-common/servers');
  const api = new v2.LogsApi(client.createConfiguration({ authMethods: { apiKeyAuth: token }, baseServer: new BaseServerConfiguration(base, {}) }));
  await api.submitLog({ body: [{ message: 'line of datadog-api-client', service: 'shop', ddtags: 'env:prod' }], contentEncoding: 'gzip' });
}

async function fluent() {
  const { FluentClient } = require('@fluent-org/logger');
  for (const eventMode of ['Message', 'Forward', 'PackedForward', 'CompressedPackedForward']) {
    const client = new FluentClient('clients', {
      socket: { host: '127.0.0.1', port: Number(forwardPort) }, ack: { ackTimeout: 10_000 }, eventMode,
      security: { clientHostname: 'client', sharedKey: 'k3y', username: 'ann', password: 'a-password' },
    });
    await client.emit({ message: `line of fluent-org ${eventMode}` }); // ends with the acknowledgement
    await client.disconnect();
  }
}

Promise.all([gelf(), splunk(), datadog(), fluent()]).then(
  () => process.exit(0),
  (err) => {
    console.error(err);
    process.exit(1);
  },
);
