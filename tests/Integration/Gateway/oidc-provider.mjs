// A foreign OIDC issuer for ForeignIssuerTests: npm's oidc-provider, with client credentials and JWT access tokens.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'etl', client_secret: 'for-tests-only', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] }],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (ctx, resource) => ({ scope: 'api', audience: resource, accessTokenTTL: 600, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
      },
    },
    extraTokenClaims: (ctx, token) => ({ realm_access: { roles: ['Stadtplanung', 'unmapped'] }, sub: token.clientId }),
    cookies: { keys: ['for-tests-only'] },
  });
  server.on('request', provider.callback());
  console.log(`issuer ${issuer}`);
});
