"""All providers of the corpus, in its order."""

from . import (
    ed25519_hooks,
    greetings,
    of_body,
    public_tokens,
    shared_tokens,
    standard,
    timed,
    timed_apart,
    token_hooks,
)
from .box import Box
from .braintree import Braintree
from .contentful import Contentful
from .docusign import Docusign
from .dropbox_sign import DropboxSign
from .mercado_pago import MercadoPago
from .paypal import Paypal
from .plivo import Plivo
from .pusher import Pusher
from .twilio import Twilio

HOOKS = [
    *standard.HOOKS, *timed.HOOKS, *timed_apart.HOOKS, *of_body.HOOKS, *greetings.HOOKS,
    Box(), Docusign(), Pusher(), Contentful(), MercadoPago(),
    *ed25519_hooks.HOOKS, Paypal(), Plivo(), Twilio(), Braintree(), DropboxSign(),
    *token_hooks.HOOKS, *shared_tokens.HOOKS, *public_tokens.HOOKS,
]
