/** What the property tests start from: the same cases in every run. fast-check prints it with the counterexample when one fails. */
export const seed = 20_260_101
