// What every client is tried with; each prints what it got as one JSON object.
export const QUERY = 'query Fees { viewer { role } fees { code } }';
export const WITH_VARIABLES = 'query Faq($number: Int!) { faq(number: $number) { number } }';
export const WRONG = 'query Wrong { faq(number: 9) { nope } }';
export const MUTATION =
  'mutation Rate($input: AnswerRateInput!) { answerRate(input: $input) { __typename } }';
export const SUBSCRIPTION = 'subscription Portfolio { portfolioEvents { __typename } }';

export const [url, token] = process.argv.slice(2);
export const webSocketUrl = url.replace(/^http/, 'ws');
export const headers = { authorization: `Bearer ${token}` };
export const rating = {
  input: { question: 'What is a VCC?', faqNumber: 23, passageId: '23.what-it-is', helpful: true },
};

export function report(outcome) {
  console.log(JSON.stringify(outcome));
  process.exit(0);
}

export const summary = ({ query, variables, wrong, mutation, subscription }) => ({
  query: query.viewer.role,
  variables: variables.faq.number,
  wrong,
  mutation: mutation.answerRate.__typename,
  ...(subscription && { subscription: subscription.portfolioEvents.__typename }),
});
