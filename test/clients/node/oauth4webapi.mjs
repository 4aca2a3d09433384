// A relying party with oauth4webapi.
import * as oauth from 'oauth4webapi'
import { introduced, listener, privateKey, run } from './party.mjs'

const options = { [oauth.allowInsecureRequests]: true } // the issuer is this machine

run(async (settings, base) => {
  const issuer = new URL(settings.issuer)
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))
  const client = { client_id: settings.clientId }
  let authentication = oauth.None()
  if (settings.jwk) authentication = oauth.PrivateKeyJwt(await privateKey(settings.jwk))
  else if (settings.clientSecret) authentication = oauth.ClientSecretBasic(settings.clientSecret)
  const redirect = `${base}/callback`
  let verifier, state, nonce, tokens

  const show = async () => {
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    const response = await oauth.userInfoRequest(as, client, tokens.access_token, options)
    return introduced(claims, await oauth.processUserInfoResponse(as, client, claims.sub, response))
  }
  return {
    async begin() {
      verifier = oauth.generateRandomCodeVerifier()
      state = oauth.generateRandomState()
      nonce = oauth.generateRandomNonce()
      const parameters = new URLSearchParams({
        client_id: client.client_id, redirect_uri: redirect, response_type: 'code', scope: 'openid profile email', state, nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
      })
      const to = new URL(as.authorization_endpoint)
      if (!settings.par) {
        to.search = parameters.toString()
        return to
      }
      const response = await oauth.pushedAuthorizationRequest(as, client, authentication, parameters, options)
      const pushed = await oauth.processPushedAuthorizationResponse(as, client, response)
      to.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri }).toString()
      return to
    },
    async callback(url) {
      const parameters = oauth.validateAuthResponse(as, client, url, state) // iss, too: the metadata promise it
      const response = await oauth.authorizationCodeGrantRequest(as, client, authentication, parameters, redirect, verifier, options)
      tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true })
      await oauth.validateApplicationLevelSignature(as, response, options)
      return show()
    },
    async refresh() {
      const response = await oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token, options)
      tokens = await oauth.processRefreshTokenResponse(as, client, response)
      return show()
    },
    logout() {
      const to = new URL(as.end_session_endpoint)
      to.search = new URLSearchParams({ id_token_hint: tokens.id_token, post_logout_redirect_uri: `${base}/bye`, state }).toString()
      return to
    },
    ...listener(as.issuer, as.jwks_uri, client.client_id),
  }
})
