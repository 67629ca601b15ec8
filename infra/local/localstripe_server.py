"""A Stripe that really sends signed webhooks, once each, and lists its events: localstripe on 127.0.0.1.

    localstripe_server.py PORT

Its own command listens on every interface and keeps its data in /tmp; this one does neither.
"""

import sys

from aiohttp import web
from localstripe.resources import Store
from localstripe.server import app

if __name__ == "__main__":
    Store.dump_to_disk = lambda self: None
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
