# One image for web, worker and beat: they differ in their command only (docker-compose.yml).
FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=bpf_portal.settings \
    BPF_VAR=/data

RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      gettext libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home bpf \
 && install -d -o bpf -g bpf /data /data/media

WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt

COPY --chown=bpf:bpf . .
USER bpf
RUN find . -name "*.po" -execdir sh -c 'msgfmt --check-format -o "${1%.po}.mo" "$1"' _ {} ';' \
 && SECRET_KEY="not used by this command" python -m django collectstatic --noinput --verbosity 0

EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["python", "-c", "\
import os, urllib.request as r; \
host = os.environ.get('ALLOWED_HOSTS', '').split(',')[0].lstrip('.*') or 'localhost'; \
r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': host}), timeout=4)"]
CMD ["gunicorn", "bpf_portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", \
     "--timeout", "60", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
