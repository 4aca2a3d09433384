// A relying party with openid-client.
import * as client from 'openid-client'
import { introduced, listener, privateKey, run } from './party.mjs'

run(async (settings, base) => {
  const authentication = settings.jwk ? client.PrivateKeyJwt(await privateKey(settings.jwk)) : undefined
  const config = await client.discovery(new URL(settings.issuer), settings.clientId, settings.clientSecret || undefined,
    authentication ?? (settings.clientSecret ? client.ClientSecretBasic(settings.clientSecret) : client.None()),
    { execute: [client.allowInsecureRequests] }) // the issuer is this machine
  const redirect = `${base}/callback`
  let verifier, state, nonce, tokens

  const show = async () => {
    const claims = tokens.claims()
    return introduced(claims, await client.fetchUserInfo(config, tokens.access_token, claims.sub))
  }
  return {
    async begin() {
      verifier = client.randomPKCECodeVerifier()
      state = client.randomState()
      nonce = client.randomNonce()
      const parameters = {
        redirect_uri: redirect, scope: 'openid profile email', state, nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      }
      return settings.par
        ? client.buildAuthorizationUrlWithPAR(config, parameters)
        : client.buildAuthorizationUrl(config, parameters)
    },
    async callback(url) {
      tokens = await client.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true,
      })
      return show()
    },
    async refresh() {
      tokens = await client.refreshTokenGrant(config, tokens.refresh_token)
      return show()
    },
    logout: () => client.buildEndSessionUrl(config, { post_logout_redirect_uri: `${base}/bye`, id_token_hint: tokens.id_token, state }),
    ...listener(settings.issuer, config.serverMetadata().jwks_uri, settings.clientId),
  }
})
