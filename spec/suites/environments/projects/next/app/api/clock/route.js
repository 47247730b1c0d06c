import * as library from 'stubless';
import * as testing from 'stubless/testing';
import { calls } from '../../../calls.mjs';

export const dynamic = 'force-dynamic';

export async function GET() {
  return new Response(await calls(library, testing));
}
