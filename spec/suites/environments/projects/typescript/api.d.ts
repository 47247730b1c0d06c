export interface Api {
  'clock.Clock/Now': { request: { zone?: string }; reply: { zone: string }; cardinality: 'unary_unary' };
  'clock.Clock/Tick': { request: { zone?: string }; reply: { zone: string }; cardinality: 'unary_stream' };
}
