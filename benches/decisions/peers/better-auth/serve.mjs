// API keys of better-auth behind Node's own HTTP server, on SQLite.
//
//   node serve.mjs FOLDER KEYS ACCOUNTS
//
// Makes that many keys in FOLDER, writes the whole keys into FOLDER/tokens, one a line, prints its address, and answers
// 200 or 401 to `Authorization: Bearer KEY` until its input ends. Nothing is switched on that the library does not
// switch on itself but the write-ahead log; its limit of ten calls a day is switched off.

import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'

import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import Database from 'better-sqlite3'

const [folder, keys, accounts] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])]
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const LENGTH = 64

const database = new Database(join(folder, 'better-auth.db'))
database.pragma('journal_mode = WAL')
database.pragma('synchronous = NORMAL')
const auth = betterAuth({
  database,
  secret: randomBytes(32).toString('hex'),
  baseURL: 'http://127.0.0.1',
  telemetry: { enabled: false },
  plugins: [apiKey({ rateLimit: { enabled: false } })],
})
await (await getMigrations(auth.options)).runMigrations()
fill()

const server = createServer(async (request, response) => {
  const key = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
  const { valid } = await auth.api.verifyApiKey({ body: { key } })
  response.writeHead(valid ? 200 : 401, { 'content-length': 0 })
  response.end()
})
server.listen(0, '127.0.0.1', () => console.log(`127.0.0.1:${server.address().port}`))
process.stdin.resume().on('end', () => process.exit(0))

// Keys as the library makes them: 64 letters, kept as SHA-256 in base64url.
function fill() {
  const now = new Date().toISOString()
  const later = new Date(Date.now() + 90 * 86_400_000).toISOString()
  const user = database.prepare(
    `INSERT INTO user (id, name, email, emailVerified, createdAt, updatedAt) VALUES (?, ?, ?, 1, ?, ?)`,
  )
  const key = database.prepare(
    `INSERT INTO apikey (id, configId, name, start, referenceId, key, enabled, rateLimitEnabled, requestCount,
       expiresAt, createdAt, updatedAt)
     VALUES (?, 'default', ?, ?, ?, ?, 1, 0, 0, ?, ?, ?)`,
  )
  const tokens = []
  database.transaction(() => {
    for (let number = 0; number < accounts; number += 1) {
      user.run(`u${number}`, `u${number}`, `u${number}@mail.example`, now, now)
    }
    for (let number = 0; number < keys; number += 1) {
      const text = Array.from(randomBytes(LENGTH), (byte) => LETTERS[byte % LETTERS.length]).join('')
      const digest = createHash('sha256').update(text).digest('base64url')
      key.run(`k${number}`, `k${number}`, text.slice(0, 6), `u${number % accounts}`, digest, later, now, now)
      tokens.push(text)
    }
  })()
  writeFileSync(join(folder, 'tokens'), tokens.join('\n'))
}
