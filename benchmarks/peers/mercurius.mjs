// mercurius, the fastest GraphQL server of Node, with the plainest code upon it: node mercurius.mjs
// PORT, on the database that PGHOST, PGUSER and PGDATABASE name.
//
// It serves our schema to the documents that are timed: documents are compiled, the knowledge is in
// memory, as the tables of the reference have it, and each answer takes one statement.
import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";

pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);
const pool = new pg.Pool({ max: 5 });
const rows = async (text, values) => (await pool.query(text, values)).rows;
const today = new Date().toISOString().slice(0, 10);

const [{ number }] = await rows("SELECT number FROM reference.release");
const grouped = Object.groupBy ?? ((all, by) =>
  all.reduce((groups, row) => ((groups[by(row)] ??= []).push(row), groups), {}));

const countries = new Map();
const kindsOf = grouped(
  await rows(`SELECT country, valid_from AS "validFrom", value, text FROM reference.kind
    WHERE valid_from <= current_date ORDER BY valid_from`),
  (kind) => kind.country,
);
for (const country of await rows("SELECT code, name, kind, text FROM reference.country"))
  countries.set(country.code, { ...country, kinds: kindsOf[country.code] ?? [] });

const amounts = grouped(
  await rows(`SELECT h.code, h.key, a.valid_from AS "validFrom", a.amount, a.currency
    FROM reference.fee h LEFT JOIN reference.fee_amount a ON a.fee = h.position
    ORDER BY h.position`),
  (fee) => fee.code,
);
const stepsOf = grouped(
  await rows(`SELECT decision, position AS order, code, title, actor, state, deadline
    FROM reference.step ORDER BY decision, position`),
  (step) => step.decision,
);
const feesOf = grouped(
  await rows(`SELECT decision, code, charge, payer, because, text FROM reference.decided_fee
    ORDER BY decision, position`),
  (fee) => fee.decision,
);
const faqsOf = grouped(
  await rows(`SELECT decision, number, rank, because, text, question, answer
    FROM reference.decided_faq JOIN reference.faq USING (number) WHERE rank <= 6
    ORDER BY decision, rank`),
  (faq) => faq.decision,
);
const decisions = new Map();
for (const d of await rows("SELECT * FROM reference.decision"))
  decisions.set(d.key, {
    asOf: today,
    knowledge: { number },
    assessment: d.assessment,
    sharing: d.sharing,
    workflow: {
      route: d.route, title: d.title, state: d.state, because: d.because, text: d.text,
      steps: stepsOf[d.id] ?? [], nextActions: d.next_actions, blockers: d.blockers,
    },
    dataLabels: d.data_labels,
    fees: (feesOf[d.id] ?? []).map((fee) => ({
      ...fee,
      held: (amounts[fee.code] ?? []).map(({ key, validFrom, amount, currency }) => ({
        key, amount: validFrom && { validFrom, amount, currency },
      })),
    })),
    faqs: (faqsOf[d.id] ?? []).map(({ question, answer, ...faq }) => ({
      ...faq, faq: { question, answer },
    })),
    missing: d.missing, warnings: d.warnings, citations: d.citations, portfolio: d.portfolio,
  });

const FACILITY = `SELECT g.id, f.name, f.os_id AS "osId", f.gateway_id AS "gatewayId",
    f.better_work_id AS "betterWorkId", f.country, p.decision_key AS key,
    p.state -> 'step_dates' AS days,
    (SELECT json_agg(e) FROM (SELECT kind, occurred_on AS "occurredOn", actor_role AS "actorRole"
      FROM workflow_event WHERE facility_id = f.id ORDER BY occurred_on, sequence LIMIT 5) e) AS nodes
  FROM facility f
  JOIN facility_projection p ON p.facility_id = f.id AND p.is_current
  JOIN reference.global_id g ON g.facility = f.id
  WHERE f.id = $1`;
const PAGE = `SELECT g.id, p.name, f.os_id AS "osId", p.country, p.decision_key AS key
  FROM facility_projection p
  JOIN facility f ON f.id = p.facility_id
  JOIN reference.global_id g ON g.facility = f.id
  WHERE p.is_current AND (p.name, p.facility_id) > ($1, $2)
  ORDER BY p.name, p.facility_id LIMIT $3`;
const LATEST_EVENTS = `SELECT g.id, p.name, p.country, p.decision_key AS key, e.kind, e.occurred_on
  FROM facility_projection p
  JOIN reference.global_id g ON g.facility = p.facility_id
  LEFT JOIN LATERAL (SELECT kind, occurred_on FROM workflow_event
    WHERE facility_id = p.facility_id ORDER BY occurred_on DESC, sequence DESC LIMIT 1) e ON TRUE
  WHERE p.is_current AND (p.name, p.facility_id) > ($1, $2)
  ORDER BY p.name, p.facility_id LIMIT $3`;

async function facility(_, { by }) {
  const found = (await pool.query({ name: "facility", text: FACILITY, values: [by.id] })).rows[0];
  if (!found) return null;
  const decision = decisions.get(found.key);
  const steps = decision.workflow.steps.map((step) => ({ ...step, doneOn: found.days[step.code] }));
  return {
    ...found,
    country: countries.get(found.country),
    whatApplies: { ...decision, workflow: { ...decision.workflow, steps } },
    history: { nodes: found.nodes ?? [] },
  };
}

async function facilities(_, { first, after }, __, info) {
  const values = [...JSON.parse(after), first + 1];
  const latest = info.operation.name.value === "LatestEvents";
  const statement = latest ? { name: "latest", text: LATEST_EVENTS } : { name: "page", text: PAGE };
  const found = (await pool.query({ ...statement, values })).rows;
  const nodes = found.slice(0, first).map((row) => ({
    ...row,
    country: countries.get(row.country),
    whatApplies: decisions.get(row.key).portfolio,
    latestEvent: row.kind && { kind: row.kind, occurredOn: row.occurred_on },
  }));
  return { pageInfo: { hasNextPage: found.length > first }, nodes };
}

const app = Fastify();
await app.register(mercurius, {
  schema: readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"),
  resolvers: { Query: { facility, facilities } },
  jit: 1,
});
await app.listen({ host: "127.0.0.1", port: Number(process.argv[2]) });
