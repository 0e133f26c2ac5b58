"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from bpf_portal import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bpf_portal.settings")
embedded.ensure_from_environment()

application = get_wsgi_application()
