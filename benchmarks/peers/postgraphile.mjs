// PostGraphile over the tables of the reference: node postgraphile.mjs PORT, on the database that
// PGHOST, PGUSER and PGDATABASE name.
import { createServer } from "node:http";
import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

// It wants Node 22, of which it uses this alone.
Promise.withResolvers ??= function () {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

const server = createServer();
const served = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ pool: new pg.Pool({ max: 5 }), schemas: ["reference"] })],
  grafserv: { graphiql: false, watch: false },
}).createServ(grafserv);
await served.addTo(server);
server.listen(Number(process.argv[2]), "127.0.0.1");
