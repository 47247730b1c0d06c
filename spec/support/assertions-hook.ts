// chai without proxies. They find misspelt assertions, which the compiler finds here, and take a third of the time of
// specs that assert often.

import { config } from 'chai';

config.useProxy = false;
