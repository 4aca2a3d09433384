// What every relying party here has in common: an HTTP server with the addresses that
// relyingparty_test.go lists. The test starts it, reads its address from the first line
// that it prints, and writes what it has to know as a line of JSON.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createInterface } from 'node:readline'
import { createRemoteJWKSet, importJWK, jwtVerify } from 'jose'

/** Runs a relying party; make(settings, base) returns what it does at each address. */
export async function run(make) {
  let party
  const server = createServer(async (request, response) => {
    try {
      await answer(party, request, response)
    } catch (error) {
      response.writeHead(400, { 'Content-Type': 'text/plain' })
      response.end(`${error.stack}\n${JSON.stringify(error.cause ?? null)}`)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const base = `http://127.0.0.1:${server.address().port}`
  console.log(base)
  const lines = createInterface({ input: process.stdin })
  const settings = JSON.parse((await once(lines, 'line'))[0])
  party = await make(settings, base)
  console.log('ready')
  await once(lines, 'close') // the test is over
  server.close()
  server.closeAllConnections()
}

async function answer(party, request, response) {
  const url = new URL(request.url, `http://${request.headers.host}`)
  const form = new URLSearchParams(request.method === 'POST' ? await text(request) : '')
  const does = {
    '/': party.begin, '/callback': party.callback, '/refresh': party.refresh, '/logout': party.logout,
    '/backchannel': party.backchannel, '/told': party.told, '/bye': () => 'Bye.',
  }[url.pathname]
  const result = await does(url, form)
  if (result instanceof URL) {
    response.writeHead(303, { Location: result.href }).end()
  } else {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(result ?? null))
  }
}

async function text(request) {
  let body = ''
  for await (const chunk of request) body += chunk
  return body
}

/** Makes the key that an application proves itself with, for private_key_jwt. */
export async function privateKey(jwk) {
  return { key: await importJWK(jwk, 'ES256'), kid: jwk.kid }
}

/** Returns what takes logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.6), and what lists them. */
export function listener(issuer, jwksUri, clientId) {
  const sessions = []
  const keys = createRemoteJWKSet(new URL(jwksUri))
  return {
    told: () => sessions,
    async backchannel(_url, form) {
      const { payload } = await jwtVerify(form.get('logout_token'), keys, {
        issuer, audience: clientId, typ: 'logout+jwt', requiredClaims: ['iat', 'exp', 'jti', 'events'], maxTokenAge: '2 minutes',
      })
      if (!payload.events['http://schemas.openid.net/event/backchannel-logout'] || 'nonce' in payload) {
        throw new Error('this is no logout token')
      }
      sessions.push(payload.sid)
    },
  }
}

/** What people see: see relyingparty_test.go. */
export function introduced(claims, info) {
  return { sub: claims.sub, sid: claims.sid, preferred_username: info.preferred_username, email: info.email }
}
