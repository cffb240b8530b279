// A certified OpenID provider for tests (npm oidc-provider). Whoever a log-in asks
// for by login_hint is let in, without a page: "c01" by a password, "c01 mfa" by
// more than one factor. All else is the provider's own: codes, PKCE, nonces, keys.
//
//   node oidc.js PORT CLIENT_ID CLIENT_SECRET REDIRECT_URI
//
// On standard output, one object a line: {"event":"listening","port":3000}
import http from 'node:http'

import Provider from 'oidc-provider'

const [port, clientId, clientSecret, redirectUri] = process.argv.slice(2)
const issuer = `http://127.0.0.1:${port}`

const provider = new Provider(issuer, {
  clients: [
    { client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri], grant_types: ['authorization_code'], response_types: ['code'] },
  ],
  claims: { openid: ['sub', 'amr'], profile: ['preferred_username'] },
  cookies: { keys: ['a key of this test'] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: `id-${id}`, preferred_username: id }) }),
  // Nobody is asked for a consent: the office's own service knows its own client.
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
    grant.addOIDCScope('openid profile')
    await grant.save()
    return grant
  },
})

const answer = provider.callback()

const server = http.createServer(async (request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response)
  try {
    const { params } = await provider.interactionDetails(request, response)
    const [accountId, more] = String(params.login_hint).split(' ')
    const amr = more ? ['pwd', more] : ['pwd']
    await provider.interactionFinished(request, response, { login: { accountId, amr, remember: false } })
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
})

server.listen(Number(port), '127.0.0.1', () => {
  process.stdout.write(JSON.stringify({ event: 'listening', port: server.address().port }) + '\n')
})

// It ends with whoever started it.
process.stdin.on('end', () => process.exit(0)).resume()
