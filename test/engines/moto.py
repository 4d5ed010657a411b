"""moto's server at a port, which handles one request at a time.

moto's own server handles requests in threads, and a thread makes a conditional write in two steps:
it checks the condition, and then it writes. Another write may come between. So two writers of one
record could both succeed. Only requests of SQS may wait for each other's effect, in a long poll.
"""

import sys
from threading import Lock

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple

moto = DomainDispatcherApplication(create_backend_app)
one_at_a_time = Lock()


def application(environ, start_response):
    if environ.get("HTTP_X_AMZ_TARGET", "").startswith("AmazonSQS."):
        return moto(environ, start_response)
    with one_at_a_time:
        return moto(environ, start_response)


run_simple("127.0.0.1", int(sys.argv[1]), application, threaded=True, request_handler=MotoRequestHandler)
