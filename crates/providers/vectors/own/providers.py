"""All providers of the corpus, in its order."""

import forms
import greetings
import public
import several
import symmetric
import tokens

HOOKS = [*symmetric.HOOKS, *greetings.HOOKS, *several.HOOKS, *public.HOOKS, *forms.HOOKS, *tokens.HOOKS]
