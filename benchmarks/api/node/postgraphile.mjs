// PostGraphile 5 over the canonical schema: a token checked on every request, and the role that it names switched to.
// Arguments: port, processes, socket folder, PostgreSQL's port, user, database, the secret of the tokens.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { PgLazyJWTPreset } from "postgraphile/presets/lazy-jwt";

const [port, processes, host, pgPort, user, database, secret] = process.argv.slice(2);

if (cluster.isPrimary) {
  for (let at = 0; at < Number(processes); at++) cluster.fork();
} else {
  const preset = {
    extends: [PostGraphileAmberPreset, PgLazyJWTPreset],
    pgServices: [
      makePgService({ poolConfig: { host, port: Number(pgPort), user, database, max: 8 }, schemas: ["canonical"] }),
    ],
    grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false, pgJwtSecret: secret },
    grafast: { explain: false },
  };
  const server = createServer();
  const served = postgraphile(preset).createServ(grafserv);
  await served.addTo(server);
  await served.ready();
  server.listen(Number(port), "127.0.0.1");
}
