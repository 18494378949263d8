// Writes documents with the official client; the argument is the server's address.
import assert from 'node:assert/strict'
import { Client, errors } from '@elastic/elasticsearch'

const client = new Client({ node: process.argv[2] })
const first = process.argv[2].endsWith('/elastic') ? 1000 : 0

assert.equal((await client.info()).tagline, 'You Know, for Search')
assert.equal((await client.cluster.health()).status, 'green')
await client.ilm.putLifecycle({ name: 'js', policy: { phases: { delete: { min_age: '30d', actions: { delete: {} } } } } })
await client.indices.putIndexTemplate({ name: 'js', index_patterns: ['logs-js'], data_stream: {}, template: { settings: { 'index.lifecycle.name': 'js' } } })
assert.equal(await client.indices.existsIndexTemplate({ name: 'js' }), true)
assert.equal(await client.indices.existsIndexTemplate({ name: 'none' }), false)

const refused = await client.index({ index: 'logs-js', document: { '@timestamp': new Date() } }).catch((e) => e)
assert.ok(refused instanceof errors.ResponseError)
assert.match(refused.message, /op_type of create/)

const id = `one-${first}`
const created = await client.create({ index: 'logs-js', id, document: { '@timestamp': new Date(), id } })
assert.equal(created.result, 'created')
const again = await client.create({ index: 'logs-js', id, document: { '@timestamp': new Date() } }).catch((e) => e)
assert.equal(again.statusCode, 409)

const documents = Array.from({ length: 1000 }, (_, i) => ({ '@timestamp': new Date(), n: first + i }))
const result = await client.helpers.bulk({
  datasource: documents,
  flushBytes: 20000,
  concurrency: 3,
  onDocument: () => ({ create: { _index: 'logs-js' } }),
  onDrop: (dropped) => assert.fail(JSON.stringify(dropped)),
})
assert.deepEqual([result.total, result.successful, result.failed], [1000, 1000, 0])

const mixed = await client.bulk({ operations: [{ create: { _index: 'logs-js' } }, {}, { delete: { _index: 'logs-js', _id: 'x' } }] })
assert.equal(mixed.errors, true)
assert.deepEqual(mixed.items.map((item) => Object.values(item)[0].status), [400, 400])

const streams = await client.indices.getDataStream({ name: 'logs-js' })
assert.equal(streams.data_streams[0].ilm_policy, 'js')
const indices = await client.cat.indices({ format: 'json' })
assert.ok(indices.some((i) => i.index === 'logs-js'))
