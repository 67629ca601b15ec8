"""All providers of the corpus, in its order."""

import symmetric

HOOKS = [*symmetric.HOOKS]
